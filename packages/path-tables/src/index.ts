export { correctAlong } from "./answers.js";
export { askPolicy, type ContinueAction, type Decisions, sendAll } from "./ask-policy.js";
export { decodePathTable } from "./decode.js";
export { encodePathTable } from "./encode.js";
export { type Replay, type ReplayOptions, replay } from "./replay.js";
export { imageCosts, type Summary, summarize } from "./summarize.js";
export { createPathTable, type PathTable, type PathTableParts, selectRole } from "./table.js";
export { tableView } from "./table-view.js";
export { takeSamples } from "./take-samples.js";
