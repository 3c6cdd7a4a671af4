import { readFileSync } from "node:fs";
import { availableParallelism, cpus, hostname, totalmem } from "node:os";
import type { Holder, LiveHolder } from "@quee/artifacts";

/** This process, as lock files name it. The start time comes from the kernel where it tells, so a reused pid is found out. */
export function thisProcess(): LiveHolder {
  return {
    pid: process.pid,
    host: hostname(),
    startedAt: stateOf(process.pid)?.start ?? new Date(Date.now() - process.uptime() * 1000).toISOString(),
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
  const state = stateOf(pid);
  return state === null || (!state.isDead && state.start === holder.startedAt);
}

interface ProcessState {
  /** In clock ticks after the boot with its id. */
  readonly start: string;
  /** Killed, and not yet collected by its parent. */
  readonly isDead: boolean;
}

/** Null where there is no /proc. */
function stateOf(pid: number): ProcessState | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold blanks: count fields after it. Fields 3 and 22 of proc(5).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return { start: `${boot}:${fields[19]}`, isDead: fields[0] === "Z" || fields[0] === "X" };
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
