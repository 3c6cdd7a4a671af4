import type { Tensor, TensorData } from "@quee/tensor";
import type { NativeSession } from "./native-session.js";
import { fromNative, toNative } from "./native-tensors.js";

/** One run of one model on tensors of ours. */
export async function runFeeds(
  session: NativeSession,
  feeds: Iterable<readonly [string, Tensor<TensorData>]>,
  fetch?: readonly string[],
): Promise<Map<string, Tensor<TensorData>>> {
  const given = [...feeds].map(([name, tensor]) => [name, toNative(tensor, session.typeOf(name), name)] as const);
  const results = await session.run(new Map(given), fetch);
  return new Map([...results].map(([name, value]) => [name, fromNative(value, name)] as const));
}
