export type { BlockSet } from "./block-set.js";
export { type CollectOptions, collectPathTable } from "./collect-path-table.js";
export { compareDecisions, type Difference } from "./compare-decisions.js";
export { type Arrival, Conveyor, type ConveyorOptions, type GateAnswer, type Trip } from "./conveyor.js";
export type { ImageSource, Progress } from "./images.js";
export { type LiveOptions, type LiveResult, runLive } from "./run-live.js";
