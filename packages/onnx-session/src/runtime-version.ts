import * as ort from "onnxruntime-node";

/** Version of the onnxruntime that runs the models; results are the same to the last bit only within one. */
export const runtimeVersion: string = ort.env.versions.node ?? ort.env.versions.common;
