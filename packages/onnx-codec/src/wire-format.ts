import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { type Place, refuse } from "./refuse.js";

/** Deeper nesting is no network: an `If` in an `If` costs three levels. */
const maxDepth = 60;
/** Two bytes of a file can ask for one object, so a small file could fill the memory. Real models have some ten thousand. */
const maxMessages = 500_000;

/** The messages around the one being read, for error texts only. */
interface Trail {
  readonly parent: Trail | null;
  readonly name: string;
  readonly index: number;
}

/**
 * Walks over the protobuf bytes without building anything, and refuses what no writer of models writes: lengths that leave the
 * file, groups, wrong wire types, text that is no UTF-8, one-valued fields that come twice (two files in one), deep nesting, and
 * fields of the model itself that ONNX does not have (garbage after the end). Fields that ONNX does not have elsewhere may be
 * there. After it the protobuf library can only succeed.
 */
export function checkWireFormat(bytes: Uint8Array, model: DescMessage, file: string | undefined): void {
  new WireWalk(bytes, file).message(model, 0, bytes.length, null, 0);
}

class WireWalk {
  readonly #bytes: Uint8Array;
  readonly #file: string | undefined;
  readonly #text = new TextDecoder("utf-8", { fatal: true });
  #at = 0;
  #messages = 0;

  constructor(bytes: Uint8Array, file: string | undefined) {
    this.#bytes = bytes;
    this.#file = file;
  }

  message(type: DescMessage, from: number, until: number, trail: Trail | null, depth: number): void {
    if (depth > maxDepth) this.#fail("E_MODEL_DEPTH", from, trail, `at most ${maxDepth} levels`, "more");
    if (++this.#messages > maxMessages) {
      this.#fail("E_MODEL_SIZE", from, trail, `at most ${maxMessages} parts`, "more");
    }
    this.#at = from;
    const fields = fieldsOf(type);
    const counts = new Map<number, number>();
    while (this.#at < until) {
      const start = this.#at;
      const tag = this.#varint(until, trail);
      const number = Math.floor(tag / 8);
      const wire = tag % 8;
      const field = fields.get(number);
      if (field === undefined && (trail === null || number === 0 || number >= 2 ** 29)) {
        const what = trail === null ? "the end of the model" : "a field";
        this.#fail("E_MODEL_GARBAGE", start, trail, what, `field number ${number}`);
      }
      const seen = counts.get(number) ?? 0;
      counts.set(number, seen + 1);
      if (field === undefined) {
        this.#skip(wire, until, start, trail);
        continue;
      }
      if (seen > 0 && field.fieldKind !== "list") {
        this.#fail("E_MODEL_TWICE", start, trail, `one ${field.name}`, "two (are these several files in one?)");
      }
      this.#field(field, wire, until, start, trail, seen, depth);
    }
  }

  #field(
    field: DescField,
    wire: number,
    until: number,
    start: number,
    trail: Trail | null,
    index: number,
    depth: number,
  ) {
    const kind = field.fieldKind === "list" ? field.listKind : field.fieldKind;
    const expected = wireTypeOf(field);
    const packed = wire === 2 && expected !== 2 && field.fieldKind === "list";
    if (wire !== expected && !packed) {
      this.#fail("E_MODEL_WIRE", start, trail, `wire type ${expected} of ${field.name}`, `wire type ${wire}`);
    }
    const from = this.#skip(wire, until, start, trail);
    const to = this.#at;
    if (kind === "message" && field.message !== undefined) {
      this.message(field.message, from, to, { parent: trail, name: field.name, index }, depth + 1);
      this.#at = to;
    } else if (packed) {
      this.#packed(expected, from, to, trail);
    } else if (field.scalar === ScalarType.STRING) {
      try {
        this.#text.decode(this.#bytes.subarray(from, to));
      } catch {
        this.#fail("E_MODEL_TEXT", from, trail, `UTF-8 in ${field.name}`, "other bytes");
      }
    }
  }

  #packed(wire: number, from: number, to: number, trail: Trail | null): void {
    const width = wire === 1 ? 8 : wire === 5 ? 4 : 1;
    if ((to - from) % width !== 0) {
      this.#fail("E_MODEL_WIRE", from, trail, `a multiple of ${width} bytes`, String(to - from));
    }
    if (wire !== 0) return;
    this.#at = from;
    while (this.#at < to) this.#varint(to, trail);
  }

  /** Moves behind a value. @returns where its content begins */
  #skip(wire: number, until: number, start: number, trail: Trail | null): number {
    const from = this.#at;
    if (wire === 0) {
      this.#varint(until, trail);
      return from;
    }
    if (wire !== 1 && wire !== 2 && wire !== 5) {
      this.#fail("E_MODEL_WIRE", start, trail, "a wire type of 0, 1, 2 or 5", String(wire));
    }
    const length = wire === 1 ? 8 : wire === 5 ? 4 : this.#varint(until, trail);
    if (length > until - this.#at) {
      this.#fail(
        until === this.#bytes.length ? "E_MODEL_TRUNCATED" : "E_MODEL_WIRE",
        start,
        trail,
        `${length} more bytes`,
        `${until - this.#at} (${until === this.#bytes.length ? "the file is cut off" : "beyond its message"})`,
      );
    }
    const content = this.#at;
    this.#at += length;
    return content;
  }

  /** A varint as a number; beyond 2^53 only its length matters here. */
  #varint(until: number, trail: Trail | null): number {
    const start = this.#at;
    let value = 0;
    for (let i = 0; i < 10; i++) {
      if (this.#at >= until) {
        const code = until === this.#bytes.length ? "E_MODEL_TRUNCATED" : "E_MODEL_WIRE";
        this.#fail(code, start, trail, "the rest of a number", "the end");
      }
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    return this.#fail("E_MODEL_WIRE", start, trail, "a number of at most 10 bytes", "a longer one");
  }

  #fail(code: string, at: number, trail: Trail | null, expected: string, got: string): never {
    const names: string[] = [];
    for (let t = trail; t !== null; t = t.parent) names.unshift(t.index === 0 ? t.name : `${t.name}[${t.index}]`);
    // A deep trail would be a long line.
    const path = names.length > 12 ? ["…", ...names.slice(-8)] : names;
    const place: Place = { file: this.#file, where: [`byte ${at}`, path.join(".")].filter(Boolean).join(", ") };
    return refuse(code, place, expected, got);
  }
}

function wireTypeOf(field: DescField): number {
  switch (field.scalar) {
    case undefined:
      return field.message === undefined ? 0 : 2;
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return 2;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 1;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return 5;
    default:
      return 0;
  }
}

const fieldsByType = new WeakMap<DescMessage, ReadonlyMap<number, DescField>>();

function fieldsOf(type: DescMessage): ReadonlyMap<number, DescField> {
  let fields = fieldsByType.get(type);
  if (fields === undefined) {
    fields = new Map(type.fields.map((field) => [field.number, field]));
    fieldsByType.set(type, fields);
  }
  return fields;
}
