export { type AttributeValue, float, GraphBuilder } from "./builder.js";
export { codeOfDType, dtypeOfCode } from "./element-types.js";
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
export { inferShapes } from "./infer-shapes.js";
export type { ValueType } from "./rules/call.js";
export { type ShapedOp, shapedOps } from "./rules/table.js";
