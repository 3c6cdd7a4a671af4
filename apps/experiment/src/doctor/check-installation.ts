import { existsSync, readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { resolve } from "node:path";
import { GraphBuilder } from "@quee/onnx-graph";
import { openSession, runtimeVersion } from "@quee/onnx-session";
import { tensor } from "@quee/tensor";
import { modelsFolder } from "../bundled.js";

export interface Check {
  readonly name: string;
  /** `note`: works, and is worth knowing. */
  readonly state: "good" | "note" | "bad";
  readonly found: string;
  /** What to do about it. */
  readonly hint?: string;
}

const GIB = 2 ** 30;
/** Node's oldest version that the packages declare. */
const OLDEST_NODE: readonly [number, number] = [20, 19];
/** Each session of a 197-token block holds some 60 MB at batches of 8, and a worker has one per block and level. */
const COMFORTABLE_BYTES = 2 * GIB;

/** Whether QuEE can work here, each thing by itself. */
export async function checkInstallation(): Promise<readonly Check[]> {
  return [
    checkNode(process.versions.node),
    checkLibc(),
    await checkRuntime(),
    checkProcessor(),
    checkMemory(),
    checkRoot("data", resolve(process.env["QUEE_DATA"] ?? "data"), "QUEE_DATA"),
    checkRoot("models", resolve(process.env["QUEE_MODELS"] ?? "models"), "QUEE_MODELS"),
    checkRoot("bundled models", modelsFolder, null),
  ];
}

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = OLDEST_NODE;
  const isNew = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  const check = { name: "node", found: version } as const;
  return isNew
    ? { ...check, state: "good" }
    : { ...check, state: "bad", hint: `needs ${OLDEST_NODE.join(".")} or newer` };
}

/** onnxruntime's library is linked against glibc. */
function checkLibc(): Check {
  const platform = `${process.platform}-${process.arch}`;
  if (process.platform !== "linux") return { name: "platform", state: "good", found: platform };
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  const glibc = report?.header?.glibcVersionRuntime;
  return glibc === undefined
    ? {
        name: "platform",
        state: "bad",
        found: `${platform} without glibc`,
        hint: "musl (Alpine) cannot load onnxruntime",
      }
    : { name: "platform", state: "good", found: `${platform}, glibc ${glibc}` };
}

/** Loads, and computes. */
async function checkRuntime(): Promise<Check> {
  const builder = new GraphBuilder("doctor");
  builder.output(builder.plus(builder.input("x", [2]), builder.tensor("one", [2], Float32Array.of(1, 1)), "y"));
  try {
    const session = await openSession(builder.build());
    const { y } = await session.run({ x: tensor([2], Float32Array.of(1, 2)) });
    await session.release();
    const isRight = y?.data[0] === 2 && y.data[1] === 3;
    const found = isRight ? runtimeVersion : `${runtimeVersion}, which adds 1 and 2 to ${y?.data.join(", ")}`;
    return { name: "onnxruntime", state: isRight ? "good" : "bad", found };
  } catch (error) {
    return { name: "onnxruntime", state: "bad", found: error instanceof Error ? error.message : String(error) };
  }
}

/** Vector instructions for 8-bit products: with VNNI they are fast and exact. */
function checkProcessor(): Check {
  const found = `${cpus()[0]?.model.trim() ?? "unknown"}, ${availableParallelism()} threads`;
  const flags = processorFlags();
  if (flags === null) return { name: "processor", state: "note", found, hint: "instruction sets are not known here" };
  const vnni = ["avx512_vnni", "avx_vnni", "asimddp"].find((flag) => flags.has(flag));
  if (vnni !== undefined) return { name: "processor", state: "good", found: `${found}, ${vnni}` };
  return { name: "processor", state: "note", found, hint: "no VNNI: 8-bit products may saturate and are slower" };
}

/** What the kernel says the first core can do; null where there is no such file. */
function processorFlags(): ReadonlySet<string> | null {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1];
    return line === undefined ? null : new Set(line.trim().split(/\s+/));
  } catch {
    return null;
  }
}

function checkMemory(): Check {
  const gib = (bytes: number) => `${(bytes / GIB).toFixed(1)} GiB`;
  const found = `${gib(freemem())} free of ${gib(totalmem())}`;
  const check = { name: "memory", found } as const;
  return freemem() >= COMFORTABLE_BYTES
    ? { ...check, state: "good" }
    : { ...check, state: "note", hint: `less than ${gib(COMFORTABLE_BYTES)} free: use fewer --threads` };
}

function checkRoot(name: string, folder: string, variable: string | null): Check {
  const hint = variable === null ? "the installation is not complete" : `${variable} names it`;
  if (!existsSync(folder))
    return { name, state: variable === null ? "bad" : "note", found: `no folder ${folder}`, hint };
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = inside.map((entry) => entry.name);
  return names.length === 0
    ? { name, state: variable === null ? "bad" : "note", found: `${folder}, which is empty`, hint }
    : { name, state: "good", found: `${folder}: ${names.join(", ")}` };
}
