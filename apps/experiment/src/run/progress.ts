/** Where progress goes: a terminal, a log file, or nowhere. */
export interface ProgressSink {
  readonly isTerminal: boolean;
  readonly columns: number;
  write(text: string): void;
  /** Milliseconds that only go up. */
  now(): number;
}

export interface StageProgress {
  /** @param done  of `total` things that are counted in `unit`s */
  update(done: number, total: number, unit: string): void;
  /** A line that stays. */
  note(text: string): void;
}

/**
 * One line per stage that rewrites itself on a terminal, with rate and remaining time; elsewhere a plain line now and then.
 */
export class Progress {
  readonly #sink: ProgressSink;
  #live = false;

  constructor(sink: ProgressSink) {
    this.#sink = sink;
  }

  begin(stage: string): StageProgress & { end(summary: string): void } {
    const sink = this.#sink;
    const begun = sink.now();
    let shown = Number.NEGATIVE_INFINITY;
    let last = "";
    const pause = sink.isTerminal ? 100 : 5_000;
    if (sink.isTerminal) this.#rewrite(label(stage));
    return {
      update: (done, total, unit) => {
        const now = sink.now();
        const line = `${label(stage)}${bar(done, total, sink.isTerminal)} ${describe(done, total, unit, now - begun)}`;
        if (now - shown < pause || line === last) return;
        // The first plain line waits too: a stage that takes a moment needs no line of its own.
        if (!sink.isTerminal && shown === Number.NEGATIVE_INFINITY && now - begun < pause) return;
        shown = now;
        last = line;
        if (sink.isTerminal) this.#rewrite(line);
        else sink.write(`${line}\n`);
      },
      note: (text) => this.line(`  ${text}`),
      end: (summary) => this.line(`${label(stage)}${summary}`),
    };
  }

  /** A line that stays, above the live one. */
  line(text: string): void {
    if (this.#live) this.#sink.write("\r\u001b[2K");
    this.#live = false;
    this.#sink.write(`${text}\n`);
  }

  #rewrite(text: string): void {
    this.#live = true;
    this.#sink.write(`\r\u001b[2K${text.slice(0, Math.max(20, this.#sink.columns - 1))}`);
  }
}

function label(stage: string): string {
  return stage.padEnd(16);
}

function bar(done: number, total: number, isTerminal: boolean): string {
  const share = total === 0 ? 1 : done / total;
  if (!isTerminal) return `${Math.floor(100 * share)} %`;
  const width = 20;
  const full = Math.round(width * share);
  return `${"█".repeat(full)}${"░".repeat(width - full)} ${String(Math.floor(100 * share)).padStart(3)} %`;
}

function describe(done: number, total: number, unit: string, elapsedMs: number): string {
  const counted = `${done.toLocaleString("en")}/${total.toLocaleString("en")} ${unit}`;
  if (done === 0 || elapsedMs < 500) return counted;
  const rate = done / (elapsedMs / 1000);
  return `${counted}, ${rate >= 10 ? Math.round(rate).toLocaleString("en") : rate.toFixed(1)}/s, ${duration((total - done) / rate)} left`;
}

/** `7 s`, `2:05`, `1:02:03` */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const two = (n: number) => String(n).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
