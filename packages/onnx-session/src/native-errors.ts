import { QueeError } from "@quee/core";

/** onnxruntime could not open a model, or not run it. Its own message stays in `cause`. */
export function nativeError(code: "E_SESSION_OPEN" | "E_SESSION_RUN", model: string, cause: unknown): QueeError {
  if (cause instanceof QueeError) return cause;
  return new QueeError({
    code,
    kind: "input",
    where: `model "${model}"`,
    expected: code === "E_SESSION_OPEN" ? "a model that onnxruntime opens" : "a run that onnxruntime finishes",
    got: readable(cause instanceof Error ? cause.message : String(cause)),
    cause,
  });
}

/** One line, without the C++ source files and signatures that stand in the middle of onnxruntime's sentences. */
export function readable(message: string): string {
  return message
    .replace(/\S*\/\S+\.(?:cc|cpp|h|hpp):\d+ [^()\n]*\((?:[^()]|\([^()]*\))*\)(?: const)?(?: \[with [^\]]*\])?/g, "")
    .replace(/\S*\/\S+\.(?:cc|cpp|h|hpp):\d+/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
