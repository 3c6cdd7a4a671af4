export { developmentFiles } from "./development-files.js";
export { type AllcloseOptions, expectAllclose } from "./expect-allclose.js";
