import { sizeOf, type Tensor } from "@quee/tensor";

/** What a value was over all calibration images, batch by batch. */
export interface Recording {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

function recordingOf(map: Map<string, Recording>, name: string, { shape }: Tensor, images: number): Recording {
  let recording = map.get(name);
  if (recording === undefined) {
    const whole = [images, ...shape.slice(1)];
    recording = { shape: whole, data: new Float32Array(sizeOf(whole)) };
    map.set(name, recording);
  }
  return recording;
}

/** Keeps a batch whose first image is number `from`. */
export function record(map: Map<string, Recording>, name: string, value: Tensor, from: number, images: number): void {
  recordingOf(map, name, value, images).data.set(value.data, from * sizeOf(value.shape.slice(1)));
}

/** Keeps a batch as it is where there is only one, else adds the squares of several. */
export function addSquares(
  map: Map<string, Recording>,
  name: string,
  value: Tensor,
  { from, images, isOnly }: { readonly from: number; readonly images: number; readonly isOnly: boolean },
): void {
  const at = from * sizeOf(value.shape.slice(1));
  const { data } = recordingOf(map, name, value, images);
  if (isOnly) data.set(value.data, at);
  else for (let i = 0; i < value.data.length; i++) data[at + i] += value.data[i] ** 2;
}

export function tensorOf(map: ReadonlyMap<string, Recording>, name: string): Tensor {
  return map.get(name) as Recording;
}
