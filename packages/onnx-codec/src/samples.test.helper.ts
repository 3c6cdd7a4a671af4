import { create } from "@bufbuild/protobuf";
import { type Graph, GraphBuilder } from "@quee/onnx-graph";
import { type ModelProto, ModelProtoSchema } from "./generated/onnx_pb.js";

/** y = x + w. */
export function smallGraph(): Graph {
  const builder = new GraphBuilder("small");
  builder.input("x", ["batch", 2]);
  builder.plus("x", builder.tensor("w", [2], Float32Array.of(1, 2)), "y");
  builder.output("y", ["batch", 2]);
  return builder.build();
}

/** A model with what a graph has no place for. */
export function richMessage(): ModelProto {
  const tensorType = { case: "tensorType", value: { elemType: 1, shape: {} } } as const;
  return create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: "a test",
    docString: "written by hand",
    opsetImport: [{ version: 17n }],
    graph: {
      name: "g",
      docString: "a graph",
      node: [{ opType: "Identity", input: ["x"], output: ["y"], docString: "a node" }],
      input: [{ name: "x", type: { value: tensorType }, docString: "an input" }],
      output: [{ name: "y", type: { value: tensorType } }],
      valueInfo: [{ name: "y", type: { value: tensorType } }],
      quantizationAnnotation: [{ tensorName: "y" }],
    },
    functions: [{ name: "f", domain: "local", input: ["a"], output: ["a"] }],
    trainingInfo: [{ updateBinding: [{ key: "a", value: "b" }] }],
  });
}
