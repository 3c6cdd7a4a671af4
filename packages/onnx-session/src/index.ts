export { exactWeightType, type WeightType } from "./exact-weight-type.js";
export { openPool, type PoolOptions } from "./open-pool.js";
export { type ProfileOptions, profileRuns } from "./profile-runs.js";
export type { Program, ProgramStep, ValueSource } from "./program.js";
export { runtimeVersion } from "./runtime-version.js";
export { type Outputs, openSession, type Session, type Tensors } from "./session.js";
export type { SessionOptions } from "./session-options.js";
export type { RunOptions, SessionPool } from "./session-pool.js";
