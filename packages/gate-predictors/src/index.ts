export { type GateArchitecture, type GateChains, gateMacs, type Reading } from "./architecture.js";
export { encodePath, type PathEncoding } from "./encode-path.js";
export { gateFeatureCount, gateFeatures } from "./gate-features.js";
export { createGates, type Gates, type Prediction } from "./gates.js";
export { type GatesJson, gatesSchema, gatesToJson, parseGates } from "./json.js";
export { type DenseLayer, type GateNetwork, initialNetwork, parametersOf } from "./network.js";
export { type Predictor, preparePredictor } from "./predictor.js";
