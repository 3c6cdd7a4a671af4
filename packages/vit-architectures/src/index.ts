export {
  type ArchitectureName,
  architectureNames,
  buildArchitecture,
  type NetworkOptions,
} from "./architectures.js";
export type { ArchitectureOptions } from "./check-options.js";
export { fromStateDict, type StateDictOptions } from "./from-state-dict.js";
export { parameterNames } from "./parameter-names.js";
export { readSafetensors, type StateDict } from "./safetensors.js";
export { buildT2tVit, type T2tVitOptions } from "./t2t-vit.js";
export { buildVit, type VitOptions } from "./vit.js";
