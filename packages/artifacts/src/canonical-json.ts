import { QueeError } from "@quee/core";

export interface CanonicalOptions {
  /**
   * `exact` refuses whatever JSON would lose (undefined, −0): for values that are hashed. `lenient` drops fields that are
   * undefined and writes −0 as 0, as JSON does: for files. Both refuse what has no meaning in JSON: NaN, infinities,
   * class instances, cycles.
   */
  readonly mode: "exact" | "lenient";
  /** `lines` breaks what does not fit one line of 120 characters; `dense` has no white space at all. */
  readonly layout: "dense" | "lines";
}

/** No artifact is this deep; a cycle is. */
const maxDepth = 100;
const lineWidth = 120;

/**
 * JSON with one text per value: keys in code-point order, numbers in the shortest form that reads back the same.
 * @throws QueeError naming the place, e.g. `curves[0].points[3].top1: expected a finite number, got NaN`
 */
export function canonicalJson(value: unknown, options: CanonicalOptions = { mode: "exact", layout: "dense" }): string {
  return encode(value, "", 0, options);
}

function encode(value: unknown, at: string, depth: number, options: CanonicalOptions): string {
  if (depth > maxDepth) throw refuse(at, `at most ${maxDepth} levels of nesting and no cycle`, "more");
  switch (typeof value) {
    case "string":
      if (/\p{Surrogate}/u.test(value)) throw refuse(at, "text without lone surrogates", JSON.stringify(value));
      return JSON.stringify(value);
    case "boolean":
      return String(value);
    case "number":
      return encodeNumber(value, at, options);
    case "object": {
      if (value === null) return "null";
      if (Array.isArray(value)) return encodeArray(value, at, depth, options);
      const prototype = Object.getPrototypeOf(value);
      if (prototype === Object.prototype || prototype === null) return encodeObject(value, at, depth, options);
      throw refuse(at, "plain objects, arrays, text, numbers, booleans or null", `a ${prototype.constructor?.name}`);
    }
    default:
      throw refuse(at, "plain objects, arrays, text, numbers, booleans or null", typeof value);
  }
}

function encodeNumber(value: number, at: string, { mode }: CanonicalOptions): string {
  if (!Number.isFinite(value)) throw refuse(at, "a finite number", String(value));
  if (Object.is(value, -0) && mode === "exact") throw refuse(at, "0 with one sign", "-0");
  return JSON.stringify(value);
}

function encodeArray(items: readonly unknown[], at: string, depth: number, options: CanonicalOptions): string {
  // Array.from visits holes too: a hole is undefined, and refused.
  const parts = Array.from(items, (item, i) => encode(item, `${at}[${i}]`, depth + 1, options));
  const flat = items.every((item) => typeof item !== "object" || item === null);
  return wrap("[", parts, "]", depth, flat, options);
}

function encodeObject(object: object, at: string, depth: number, options: CanonicalOptions): string {
  const fields = Object.entries(object).filter(([, value]) => value !== undefined || options.mode === "exact");
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  const colon = options.layout === "lines" ? ": " : ":";
  const parts = fields.map(([key, value]) => {
    const where = at === "" ? key : `${at}.${key}`;
    return `${encode(key, where, depth, options)}${colon}${encode(value, where, depth + 1, options)}`;
  });
  return wrap("{", parts, "}", depth, false, options);
}

function wrap(
  open: string,
  parts: readonly string[],
  close: string,
  depth: number,
  alwaysFlat: boolean,
  { layout }: CanonicalOptions,
): string {
  if (layout === "dense" || parts.length === 0) return `${open}${parts.join(",")}${close}`;
  const room = lineWidth - 2 * depth;
  const length = parts.reduce((sum, part) => sum + part.length + 2, 2);
  const broken = parts.some((part) => part.includes("\n"));
  if (alwaysFlat || (length <= room && !broken)) return `${open}${parts.join(", ")}${close}`;
  const indent = "  ".repeat(depth + 1);
  return `${open}\n${parts.map((part) => indent + part).join(",\n")}\n${"  ".repeat(depth)}${close}`;
}

function refuse(at: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_JSON_VALUE", kind: "internal", where: at === "" ? "value" : at, expected, got });
}
