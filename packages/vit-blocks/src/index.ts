export { analyzeVit, type Head, type VitAnatomy, type VitLayer } from "./anatomy.js";
export { attachHead } from "./attach-head.js";
export type { FinalNorm } from "./class-token.js";
export { type BlockGraph, cutBlocks } from "./cut-blocks.js";
export type { Site, SiteRole } from "./site.js";
export { quantizableSites } from "./sites.js";
export { isUnfolding } from "./unfolding.js";
