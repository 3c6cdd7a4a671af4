import { readFileSync } from "node:fs";
import { decodeModel } from "@quee/onnx-codec";
import { cleanGraph } from "@quee/onnx-graph";
import { openSession, type Session } from "@quee/onnx-session";
import { randomStream } from "@quee/tensor";
import { developmentFiles } from "@quee/tooling-testing";
import { bench, describe } from "vitest";

const path = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10", "model.onnx");
const rounds = 15;

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

/** Milliseconds of processor time: what other processes do at the same time counts little. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Times of both sessions in turn, so that a busy moment of the machine hits both. */
async function interleaved(sessions: readonly Session[], batch: number): Promise<readonly number[][]> {
  const random = randomStream(1, "images");
  const data = new Float32Array(batch * 3 * 64 * 64).map(() => random.normal());
  const feeds = { pixel_values: { shape: [batch, 3, 64, 64], data } };
  const times = sessions.map((): number[] => []);
  for (let round = -1; round < rounds; round++) {
    for (const [i, session] of sessions.entries()) {
      const start = cpuMs();
      await session.run(feeds);
      if (round >= 0) times[i]?.push(cpuMs() - start);
    }
  }
  return times;
}

/** One line per batch size: median times and their ratio. */
async function compare(batch: number): Promise<void> {
  const bytes = new Uint8Array(readFileSync(path as string));
  const sessions = [await openSession(bytes), await openSession(cleanGraph(decodeModel(bytes)))];
  const [raw, clean] = (await interleaved(sessions, batch)).map(median) as [number, number];
  const times = `raw ${raw.toFixed(2)} ms, clean ${clean.toFixed(2)} ms of cpu, median of ${rounds}`;
  console.log(`batch ${batch}: clean is ${(raw / clean).toFixed(3)}x as fast (${times})`);
  for (const session of sessions) await session.release();
}

// A comparison is one sample: vitest's own loop would time raw and cleaned apart, not in turn.
const once = { iterations: 1, warmupIterations: 0, time: 0, warmupTime: 0 };

describe.skipIf(path === null)("T2T-ViT-7 at batch 1, 1 thread", () => {
  bench("raw against cleaned", () => compare(1), once);
});

describe.skipIf(path === null)("T2T-ViT-7 at batch 32, 1 thread", () => {
  bench("raw against cleaned", () => compare(32), once);
});
