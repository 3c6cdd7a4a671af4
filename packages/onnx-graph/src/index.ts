export { type AttributeValue, float, GraphBuilder } from "./builder.js";
export { cleanGraph, cleaningPasses } from "./clean-graph.js";
export { codeOfDType, dtypeOfCode } from "./element-types.js";
export { evaluateNode } from "./evaluate/evaluate-node.js";
export { extractSubgraph, type Port, type SubgraphPorts } from "./extract-subgraph.js";
export {
  type Attribute,
  type Constant,
  constant,
  type Dim,
  type DType,
  fromTensor,
  type Graph,
  int64Constant,
  type Node,
  scalar,
  type ValueInfo,
} from "./graph.js";
export { type GraphPass, runPasses } from "./graph-pass.js";
export { inferShapes } from "./infer-shapes.js";
export { renameValues } from "./rename-values.js";
export type { ValueType } from "./rules/call.js";
export { type ShapedOp, shapedOps } from "./rules/table.js";
export { capturedValues, consumersOf, definedValues, producerOf, valuesRead } from "./topology.js";
export { verifyGraph } from "./verify-graph.js";
