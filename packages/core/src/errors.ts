/** What went wrong, in the kinds that the command line turns into exit codes. */
export type ErrorKind =
  | "usage"
  | "config"
  | "input"
  | "environment"
  | "busy"
  | "artifact"
  | "numeric"
  /** A bug of ours. */
  | "internal";

/** The facts of a failure. `file` or `where` say the place; the sentence is built from them. */
export interface ErrorFacts {
  /** Stable, upper case, e.g. `E_MODEL_TRUNCATED`. */
  readonly code: string;
  readonly kind: ErrorKind;
  readonly file?: string;
  /** Field, node, tensor, byte offset or record within the file. */
  readonly where?: string;
  readonly expected: string;
  readonly got: string;
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The only error that packages throw on purpose. `file: where: expected x, got y. hint` */
export class QueeError extends Error implements ErrorFacts {
  override readonly name = "QueeError";
  readonly code: string;
  readonly kind: ErrorKind;
  readonly file?: string;
  readonly where?: string;
  readonly expected: string;
  readonly got: string;
  readonly hint?: string;

  constructor(facts: ErrorFacts) {
    super(sentence(facts), facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.kind = facts.kind;
    this.expected = facts.expected;
    this.got = facts.got;
    if (facts.file !== undefined) this.file = facts.file;
    if (facts.where !== undefined) this.where = facts.where;
    if (facts.hint !== undefined) this.hint = facts.hint;
  }
}

function sentence({ file, where, expected, got, hint }: ErrorFacts): string {
  const place = [file, where].filter((part) => part !== undefined).map((part) => `${part}: `);
  return `${place.join("")}expected ${expected}, got ${got}${hint === undefined ? "" : `. ${hint}`}`;
}

/** An error in a form that crosses threads, which classes do not. */
export interface PlainError {
  readonly error: Omit<ErrorFacts, "cause">;
  readonly cause: string;
}

export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof QueeError)) {
    const got = error instanceof Error ? error.message : String(error);
    return { error: { code: "E_WORKER", kind: "internal", expected: "an answer of the worker", got }, cause: got };
  }
  const { code, kind, file, where, expected, got, hint } = error;
  return {
    error: {
      code,
      kind,
      expected,
      got,
      ...(file === undefined ? {} : { file }),
      ...(where === undefined ? {} : { where }),
      ...(hint === undefined ? {} : { hint }),
    },
    cause: error.cause instanceof Error ? error.cause.message : error.message,
  };
}

export function fromPlainError({ error, cause }: PlainError): QueeError {
  return new QueeError({ ...error, cause: new Error(cause) });
}

/** Shows a value from outside in one short line. */
export function show(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** The `default` of a switch over a closed union. */
export function assertNever(value: never): never {
  throw new QueeError({ code: "E_INTERNAL", kind: "internal", expected: "no other case", got: JSON.stringify(value) });
}
