import { type ErrorKind, QueeError, show } from "@quee/core";
import type { ZodError, ZodType } from "zod";

/** @returns `value` as the schema gives it. @throws QueeError with the path of the first field that does not fit */
export function parseWith<T>(schema: ZodType<T>, value: unknown, file: string, kind: ErrorKind): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw schemaError(result.error, value, file, kind);
}

function schemaError(error: ZodError, value: unknown, file: string, kind: ErrorKind): QueeError {
  const issue = error.issues[0];
  if (issue === undefined) throw error;
  const more = error.issues.length - 1;
  return new QueeError({
    code: "E_SCHEMA",
    kind,
    file,
    where: fieldName(issue.path),
    expected: issue.message.replace(/^Invalid input: expected /, "").replace(/, received .*$/, ""),
    got: describe(valueAt(value, issue.path)),
    ...(more > 0 ? { hint: `${more} more field${more === 1 ? " does" : "s do"} not fit` } : {}),
    cause: error,
  });
}

function fieldName(path: readonly PropertyKey[]): string {
  const name = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return name === "" ? "the whole file" : name.replace(/^\./, "");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : show(value);
}
