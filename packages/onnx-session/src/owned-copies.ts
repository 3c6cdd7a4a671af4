import { QueeError } from "@quee/core";
import { sizeOf, type Tensor, type TensorData } from "@quee/tensor";

/**
 * Tensors that may be moved to another thread, and the buffers to move. Never a buffer that someone else has a part of: a view
 * on a piece of a buffer is copied even where it may be given away, and so is an array that is fed under two names.
 */
export function ownedCopies(
  tensors: ReadonlyMap<string, Tensor<TensorData>>,
  giveAway: boolean,
): { readonly inputs: ReadonlyMap<string, Tensor<TensorData>>; readonly buffers: readonly ArrayBuffer[] } {
  const buffers = new Set<ArrayBuffer>();
  const inputs = new Map<string, Tensor<TensorData>>();
  for (const [name, { shape, data }] of tensors) {
    if (data.length === 0 && sizeOf(shape) > 0) {
      throw new QueeError({
        code: "E_SESSION_FEED",
        kind: "internal",
        where: `value "${name}"`,
        expected: `${sizeOf(shape)} values for [${shape.join(", ")}]`,
        got: "none",
        hint: "Was the array given away before?",
      });
    }
    const whole = data.buffer instanceof ArrayBuffer && data.byteLength === data.buffer.byteLength;
    const owned = giveAway && whole && !buffers.has(data.buffer as ArrayBuffer) ? data : copyOf(data);
    buffers.add(owned.buffer as ArrayBuffer);
    inputs.set(name, { shape, data: owned });
  }
  return { inputs, buffers: [...buffers] };
}

/** `slice` of Node's Buffer is a view: build the plain array instead. */
function copyOf(data: TensorData): TensorData {
  if (data instanceof Uint8Array) return new Uint8Array(data);
  return data.slice();
}
