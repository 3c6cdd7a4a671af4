export type { ArchitectureOptions } from "./check-options.js";
export { parameterNames } from "./parameter-names.js";
export { buildT2tVit, type T2tVitOptions } from "./t2t-vit.js";
export { buildVit, type VitOptions } from "./vit.js";
