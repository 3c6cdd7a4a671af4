export { checkFinite } from "./check-finite.js";
export { decodeModel } from "./decode-model.js";
export { encodeModel } from "./encode-model.js";
