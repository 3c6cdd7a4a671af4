import { QueeError } from "@quee/core";

/** Where in which file something is wrong; handed down while decoding. */
export interface Place {
  readonly file: string | undefined;
  readonly where: string;
}

/** A place inside a place: `graph.node[3]` of `model.onnx`. */
export function inside({ file, where }: Place, part: string): Place {
  return { file, where: where === "" ? part : `${where}.${part}` };
}

/** The file is not one that we can use: kind "input". */
export function refuse(code: string, { file, where }: Place, expected: string, got: string, hint?: string): never {
  throw new QueeError({
    code,
    kind: "input",
    ...(file === undefined ? {} : { file }),
    ...(where === "" ? {} : { where }),
    expected,
    got,
    ...(hint === undefined ? {} : { hint }),
  });
}
