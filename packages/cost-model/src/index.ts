export { type Additivity, additivityOf } from "./additivity.js";
export {
  type LatencyCostOptions,
  type LatencyKey,
  type LatencyTable,
  latencyCostTable,
  latencyTableSchema,
  levelsThatPay,
  secondsPerImage,
} from "./latency-table.js";
export { type Macs, macsOf } from "./macs-of.js";
export { type MeasuredCostOptions, measuredCostTable } from "./measured-costs.js";
export { breakdownOf, type MacBreakdown, type NetworkMacs, networkMacs } from "./network-macs.js";
export { type CostModel, type PathCostOptions, pathCostTable, staticCost } from "./path-costs.js";
