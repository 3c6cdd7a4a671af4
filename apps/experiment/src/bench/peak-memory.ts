import { spawn } from "node:child_process";
import { QueeError } from "@quee/core";
import { z } from "zod";

/** What one contestant takes of memory, alone in a process. */
export interface Memory {
  readonly contestant: string;
  /** Most resident bytes while it ran, less those before it was opened. */
  readonly growthBytes: number;
}

const answerSchema = z.looseObject({ memory: z.looseObject({ growthBytes: z.number() }) });

/** Runs this program again for one contestant, with batches of 32 and one worker. */
export async function memoryOf(contestant: string, args: readonly string[], signal: AbortSignal): Promise<Memory> {
  const own = [
    "--only",
    contestant,
    "--batches",
    "32",
    "--workers",
    "1",
    "--rounds",
    "1",
    "--measure-memory",
    "--json",
  ];
  const child = spawn(process.execPath, [process.argv[1] as string, "bench", ...args, ...own], {
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  const [output, errors]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) {
    const got = Buffer.concat(errors).toString("utf8").trim().split("\n").at(-1) ?? `exit code ${code}`;
    throw new QueeError({ code: "E_BENCH", kind: "internal", where: contestant, expected: "its memory", got });
  }
  const { memory } = answerSchema.parse(JSON.parse(Buffer.concat(output).toString("utf8")));
  return { contestant, growthBytes: memory.growthBytes };
}

/** Resident memory of this process while `work` goes on, in bytes above the beginning. */
export async function watchedGrowth(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss();
  let most = before;
  const sample = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  const timer = setInterval(sample, 10);
  try {
    await work();
    sample();
  } finally {
    clearInterval(timer);
  }
  return most - before;
}
