export {
  type ClassPoint,
  type Curve,
  type CurvePoint,
  type OperatingPointResult,
  type Results,
  resultsSchema,
  resultsSchemaVersion,
} from "./results-schema.js";
export { type Timings, timingsSchema } from "./timings-schema.js";
