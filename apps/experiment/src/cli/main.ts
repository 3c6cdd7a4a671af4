import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { Command, CommanderError } from "commander";
import { addCommands } from "./commands.js";
import { describeError } from "./describe-error.js";

// A closed pipe (`| head`) ends the output, not the run.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

const interruption = new AbortController();
// Every run that is under way listens.
setMaxListeners(0, interruption.signal);
let interrupted: NodeJS.Signals | null = null;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (interrupted !== null) {
      // The second time means now: the signal itself, since an exit would wait for runs inside onnxruntime.
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
      return;
    }
    interrupted = signal;
    interruption.abort(new Error(`stopped by ${signal}`));
  });
}

const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
const { version } = JSON.parse(manifest) as { version: string };
const program = new Command("quee")
  .description("Per-image bit-width and early exit for vision transformers.")
  .version(version)
  .exitOverride()
  .configureOutput({ writeErr: () => undefined })
  .showHelpAfterError(false);
addCommands(program, interruption.signal);

const json = process.argv.includes("--json");
try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = fail(error);
}

function fail(error: unknown): number {
  if (interrupted !== null && interruption.signal.aborted) {
    console.error(`quee: stopped by ${interrupted}. What is finished is kept: the same command goes on from there.`);
    return 128 + constants.signals[interrupted];
  }
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const text = error.message.replace(/^error: /, "");
    console.error(
      json ? JSON.stringify({ error: { code: "E_USAGE", kind: "usage", got: text } }) : `quee: error[E_USAGE]: ${text}`,
    );
    if (!json)
      console.error(
        "usage: quee <verb> … [key=value …] [--out DIR] [--resume] [--dry-run] [--json] [--threads n] [--seed n]",
      );
    return 2;
  }
  const { exitCode, lines } = describeError(error, json);
  for (const line of lines) console.error(line);
  return exitCode;
}
