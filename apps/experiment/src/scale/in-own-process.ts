import { spawn } from "node:child_process";
import { QueeError } from "@quee/core";
import type { ElementType } from "@quee/path-tables";
import { z } from "zod";
import type { TableCost } from "./measure-tables.js";

const seconds = z.strictObject({
  write: z.number(),
  cluster: z.number(),
  targets: z.number(),
  gates: z.number(),
  replay: z.number(),
  rivals: z.number(),
});
const answerSchema = z.strictObject({
  images: z.number(),
  elementType: z.enum(["float32", "float16"]),
  diskBytes: z.number(),
  peakBytes: z.number(),
  seconds,
});

/** `measureTables` in a process of its own, whose largest memory is that of the table and nothing else. */
export async function tablesInOwnProcess(
  images: number,
  elementType: ElementType,
  signal: AbortSignal,
): Promise<TableCost> {
  const args = [process.argv[1] as string, "scale", "--measure-tables", String(images), "--elements", elementType];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], signal });
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code === 0) return answerSchema.parse(JSON.parse(Buffer.concat(output).toString("utf8")));
  const got = `exit code ${code}`;
  throw new QueeError({
    code: "E_SCALE",
    kind: "internal",
    where: `tables of ${images} images`,
    expected: "their cost",
    got,
  });
}
