import { Progress } from "./progress.js";

/** Progress on standard error: standard output belongs to results. */
export function openProgress(): Progress {
  return new Progress({
    isTerminal: process.stderr.isTTY === true && process.env["TERM"] !== "dumb",
    columns: process.stderr.columns ?? 80,
    write: (text) => process.stderr.write(text),
    now: () => performance.now(),
  });
}
