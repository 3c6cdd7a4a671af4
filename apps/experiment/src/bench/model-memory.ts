import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { QueeError } from "@quee/core";
import { z } from "zod";
import type { Contestant } from "./contestants.js";
import { spreadOf } from "./interleave.js";

/** What the models of a contestant take of memory in a process that does nothing else. */
export interface Memory {
  readonly contestant: string;
  /** Most resident bytes while one worker opened all of them and ran each at batch 32, less those before; median of three processes. */
  readonly growthBytes: number;
}

const processes = 3;

const answerSchema = z.strictObject({ growthBytes: z.number() });

/** In a process of its own, since what this one has freed is used again and would hide what models take. */
export async function modelMemory(
  { name, models }: Pick<Contestant, "name" | "models">,
  signal: AbortSignal,
): Promise<Memory> {
  const folder = await mkdtemp(join(tmpdir(), "quee-models-"));
  try {
    const files = models.map((_, i) => join(folder, `${i}.onnx`));
    for (const [i, file] of files.entries()) await writeFile(file, models[i] as Uint8Array);
    const growths: number[] = [];
    for (let i = 0; i < processes; i++) growths.push(await growthOf(files, name, signal));
    return { contestant: name, growthBytes: spreadOf(growths).median };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function growthOf(files: readonly string[], name: string, signal: AbortSignal): Promise<number> {
  const script = fileURLToPath(new URL("./run-models.js", import.meta.url));
  const child = spawn(process.execPath, [script, ...files], { stdio: ["ignore", "pipe", "inherit"], signal });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code === 0) return answerSchema.parse(JSON.parse(Buffer.concat(output).toString("utf8"))).growthBytes;
  const got = `exit code ${code}`;
  throw new QueeError({ code: "E_BENCH", kind: "internal", where: name, expected: "its memory", got });
}
