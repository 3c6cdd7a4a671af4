import { fc, test as property } from "@fast-check/vitest";
import { type Attribute, type Constant, constant, type DType, type Graph, type Node } from "@quee/onnx-graph";
import { expect } from "vitest";
import { decodeModel, encodeModel } from "./index.js";

const text = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }),
  fc.constantFrom("__proto__", "é", "😀"),
);
const dim = fc.oneof(fc.nat(5), text, fc.constant(null));
const dtype = fc.constantFrom<DType>("float32", "float16", "int8", "int64", "bool", "bfloat16", "uint64");
const value = fc.record({
  name: text,
  dtype,
  shape: fc.option(fc.array(dim, { maxLength: 3 }), { nil: null }),
});
const numbers = fc.float({ noNaN: false });

const constants: fc.Arbitrary<Constant> = fc.array(fc.nat(3), { maxLength: 3 }).chain((dims) => {
  const count = dims.reduce((product, size) => product * size, 1);
  const many = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: count, maxLength: count });
  const raw = (type: DType, bytes: number) =>
    fc.uint8Array({ minLength: count * bytes, maxLength: count * bytes }).map((data) => ({ dtype: type, dims, data }));
  return fc.oneof<fc.Arbitrary<Constant>[]>(
    many(numbers).map((values) => constant(dims, Float32Array.from(values))),
    many(fc.double()).map((values) => ({ dtype: "float64", dims, data: Float64Array.from(values) })),
    many(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map((values) => ({
      dtype: "int64",
      dims,
      data: BigInt64Array.from(values),
    })),
    many(fc.integer()).map((values) => ({ dtype: "int32", dims, data: Int32Array.from(values) })),
    many(fc.integer({ min: -128, max: 127 })).map((values) => ({ dtype: "int8", dims, data: Int8Array.from(values) })),
    raw("uint8", 1),
    raw("bool", 1),
    raw("float16", 2),
    raw("uint64", 8),
  );
});

const attributes: fc.Arbitrary<Attribute> = fc.oneof(
  fc.record({ kind: fc.constant("int" as const), value: fc.maxSafeInteger() }),
  fc.record({ kind: fc.constant("float" as const), value: numbers }),
  fc.record({ kind: fc.constant("string" as const), value: fc.string({ unit: "grapheme" }) }),
  fc.record({ kind: fc.constant("ints" as const), value: fc.array(fc.maxSafeInteger(), { maxLength: 4 }) }),
  fc.record({ kind: fc.constant("floats" as const), value: fc.array(numbers, { maxLength: 4 }) }),
  fc.record({ kind: fc.constant("strings" as const), value: fc.array(text, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant("tensor" as const), value: constants }),
);

const nodesWith = (attribute: fc.Arbitrary<Attribute>): fc.Arbitrary<Node> =>
  fc.record({
    name: fc.oneof(text, fc.constant("")),
    op: text,
    domain: fc.constantFrom("", "com.microsoft"),
    inputs: fc.array(fc.oneof(text, fc.constant("")), { maxLength: 3 }),
    outputs: fc.array(text, { maxLength: 2 }),
    attributes: fc.array(fc.tuple(text, attribute), { maxLength: 3 }).map((entries) => new Map(entries)),
  });

const graphsWith = (node: fc.Arbitrary<Node>): fc.Arbitrary<Graph> =>
  fc.record({
    name: fc.oneof(text, fc.constant("")),
    irVersion: fc.constant(8),
    opsets: fc.constant<ReadonlyMap<string, number>>(
      new Map([
        ["", 17],
        ["com.microsoft", 1],
      ]),
    ),
    inputs: fc.array(value, { maxLength: 2 }),
    outputs: fc.array(value, { maxLength: 2 }),
    initializers: fc.array(fc.tuple(text, constants), { maxLength: 3 }).map((entries) => new Map(entries)),
    nodes: fc.array(node, { maxLength: 4 }),
    metadata: fc.constant<ReadonlyMap<string, string>>(new Map()),
  });

const branches = graphsWith(nodesWith(attributes));

/** Any graph that can be written down; it need not make sense. Nodes may hold graphs themselves. */
const graphs: fc.Arbitrary<Graph> = fc
  .tuple(
    graphsWith(
      nodesWith(
        fc.oneof(
          { arbitrary: attributes, weight: 6 },
          { arbitrary: fc.record({ kind: fc.constant("graph" as const), value: branches }), weight: 1 },
        ),
      ),
    ),
    fc.array(fc.tuple(text, fc.string()), { maxLength: 2 }),
  )
  .map(([graph, metadata]) => ({ ...graph, metadata: new Map(metadata) }));

property.prop([graphs])("a graph comes back as it was written, and writing it again gives the same bytes", (graph) => {
  const bytes = encodeModel(graph);
  const back = decodeModel(bytes);
  expect(back).toEqual(graph);
  expect(encodeModel(back)).toEqual(bytes);
  expect(encodeModel({ ...back, nodes: [...back.nodes] })).toEqual(bytes);
});
