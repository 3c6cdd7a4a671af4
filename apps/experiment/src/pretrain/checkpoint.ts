import { existsSync } from "node:fs";
import { readFileChecked, sha256, writeFileAtomically } from "@quee/artifacts";
import type { TrainState } from "@quee/training";

const identityBytes = 64;

/**
 * The state of training between two starts: SHA-256 of what is trained (64 hexadecimal digits), the number of steps and three
 * vectors, little-endian, and a SHA-256 of it all at the end.
 */
export async function writeCheckpoint(file: string, identity: string, state: TrainState): Promise<void> {
  const vectors = [state.parameters, state.firstMoment, state.secondMoment];
  const body = Buffer.concat([
    Buffer.from(identity, "latin1"),
    Buffer.from(Float64Array.of(state.steps).buffer),
    ...vectors.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  ]);
  await writeFileAtomically(file, Buffer.concat([body, Buffer.from(sha256(body), "latin1")]));
}

/** The checkpoint of the same training, or null: one of another training or a damaged one is as good as none. */
export async function readCheckpoint(file: string, identity: string): Promise<TrainState | null> {
  if (!existsSync(file)) return null;
  const bytes = Buffer.from(await readFileChecked(file));
  const body = bytes.subarray(0, -identityBytes);
  const isWhole =
    bytes.length > 2 * identityBytes && sha256(body) === bytes.subarray(-identityBytes).toString("latin1");
  if (!isWhole || body.subarray(0, identityBytes).toString("latin1") !== identity) return null;
  const steps = body.readDoubleLE(identityBytes);
  const floats = new Float32Array(
    body.subarray(identityBytes + 8).buffer.slice(body.byteOffset + identityBytes + 8, body.byteOffset + body.length),
  );
  const size = floats.length / 3;
  return {
    steps,
    parameters: floats.slice(0, size),
    firstMoment: floats.slice(size, 2 * size),
    secondMoment: floats.slice(2 * size),
  };
}
