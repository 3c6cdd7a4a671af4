export { type AttributeValue, float, GraphBuilder } from "./builder.js";
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
