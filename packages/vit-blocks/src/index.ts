export { analyzeVit, type VitAnatomy, type VitLayer } from "./anatomy.js";
export { attachHead } from "./attach-head.js";
export { type BlockGraph, cutBlocks } from "./cut-blocks.js";
export type { Head } from "./head.js";
export { scaleAndShiftLogits } from "./scale-and-shift-logits.js";
export type { Site, SiteRole } from "./site.js";
export { quantizableSites } from "./sites.js";
export type { Pooling } from "./tail.js";
export { isUnfolding } from "./unfolding.js";
