import { QueeError } from "@quee/core";
import { encodeModel } from "@quee/onnx-codec";
import type { Graph } from "@quee/onnx-graph";
import type { Tensor, TensorData } from "@quee/tensor";
import { NativeSession } from "./native-session.js";
import { runFeeds } from "./run-feeds.js";
import type { SessionOptions } from "./session-options.js";

/** Values that go into a model or come out of it, by name. */
export type Tensors = Readonly<Record<string, Tensor<TensorData>>>;

/** The answers of a model: by name, as the array that belongs to the element type (bool: 0 and 1 in a Uint8Array). */
// biome-ignore lint/suspicious/noExplicitAny: only the model knows the element types; the caller says which it expects
export type Outputs = Record<string, Tensor<any>>;

/** A model that runs in this thread. A run blocks the thread until it is finished; a `SessionPool` does not. */
export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** @param fetch the outputs wanted, all by default; does not make the run shorter */
  run(feeds: Tensors, fetch?: readonly string[]): Promise<Outputs>;
  /** Frees the model. Harmless when called twice. */
  release(): Promise<void>;
}

/** Opens a model. @throws QueeError of kind "input" that names the model and says what onnxruntime found wrong */
export async function openSession(model: Graph | Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const name = options.name ?? (model instanceof Uint8Array ? "model" : model.name);
  const bytes = model instanceof Uint8Array ? model : encodeModel(model);
  let native: NativeSession | null = await NativeSession.open(bytes, { ...options, name });
  const { inputNames, outputNames } = native;
  return {
    inputNames,
    outputNames,
    async run(feeds, fetch) {
      if (native === null) throw released(name);
      return Object.fromEntries(await runFeeds(native, Object.entries(feeds), fetch));
    },
    async release() {
      const open = native;
      native = null;
      await open?.release();
    },
  };
}

function released(name: string): QueeError {
  return new QueeError({
    code: "E_SESSION_RELEASED",
    kind: "internal",
    where: `model "${name}"`,
    expected: "an open session",
    got: "one that was released",
  });
}
