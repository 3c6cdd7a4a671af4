import { QueeError } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";

/** The output that classifies: the one that is called `logits`, or the only one. */
export function logitsOf({ name: graph, outputs }: Graph): string {
  const logits = outputs.find(({ name }) => name === "logits") ?? (outputs.length === 1 ? outputs[0] : undefined);
  if (logits !== undefined) return logits.name;
  throw new QueeError({
    code: "E_LOGITS",
    kind: "input",
    where: `graph "${graph}"`,
    expected: 'one output, or one that is called "logits"',
    got: outputs.map(({ name }) => `"${name}"`).join(", ") || "none",
  });
}
