/** Who writes: a running program, as the app describes itself. This package looks at neither clock nor process table. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /**
   * When the program started, in any text that tells it from a later program with the same pid; shown to people.
   */
  readonly startedAt: string;
}

/**
 * Whether the program `pid` of this host still runs. `holder` carries what was noted about it: where the app can find out
 * when `pid` started, it should say false when that is not `holder.startedAt` (the number was used again).
 */
export type IsAlive = (pid: number, holder: Holder) => boolean;

export interface LiveHolder extends Holder {
  readonly isAlive: IsAlive;
}

/** True where `holder` is known to be gone. Of another host nothing is known. */
export function isGone(holder: Holder, self: LiveHolder): boolean {
  if (holder.host !== self.host) return false;
  // Our own number with another start is a program of the past.
  if (holder.pid === self.pid) return holder.startedAt !== self.startedAt;
  return !self.isAlive(holder.pid, holder);
}
