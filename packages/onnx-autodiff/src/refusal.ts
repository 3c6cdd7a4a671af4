import { QueeError } from "@quee/core";

/** The part of a node that a message names. */
interface Place {
  readonly name: string;
  readonly op: string;
}

/** The error of a graph whose gradient we cannot write. */
export function refusal(node: Place, expected: string, got: string, hint?: string): QueeError {
  return new QueeError({
    code: "E_NOT_DIFFERENTIABLE",
    kind: "input",
    where: `node "${node.name}" (${node.op})`,
    expected,
    got,
    ...(hint === undefined ? {} : { hint }),
  });
}
