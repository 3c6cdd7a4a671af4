import { readFileSync } from "node:fs";
import { availableParallelism, cpus, hostname, totalmem } from "node:os";
import type { Holder, LiveHolder } from "@quee/artifacts";

/** This process, as lock files name it. The start time comes from the kernel where it tells, so a reused pid is found out. */
export function thisProcess(): LiveHolder {
  return {
    pid: process.pid,
    host: hostname(),
    startedAt: startOf(process.pid) ?? new Date(Date.now() - process.uptime() * 1000).toISOString(),
    isAlive,
  };
}

function isAlive(pid: number, holder: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false;
  }
  const start = startOf(pid);
  return start === null || start === holder.startedAt;
}

/** Start of a process in clock ticks after the boot with its id; null where there is no /proc. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold blanks: count fields after it. Field 22 of proc(5).
    const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}:${ticks}`;
  } catch {
    return null;
  }
}

/** What env.json and the report say about the machine. */
export interface Environment {
  readonly node: string;
  readonly onnxruntime: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly threads: number;
}

export function environment(threads: number, onnxruntime: string): Environment {
  return {
    node: process.versions.node,
    onnxruntime,
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    threads,
  };
}
