import { extractSubgraph, type Graph } from "@quee/onnx-graph";
import { analyzeVit, type Site } from "@quee/vit-blocks";
import type { CalibratedBlock } from "../calibrate-blocks.js";

/** Stem, one transformer block, or head. */
export interface NetworkPart {
  /** `stem`, `block 1` …, `head` */
  readonly name: string;
  readonly sites: readonly Site[];
  /** Names of its operators. */
  readonly nodes: ReadonlySet<string>;
  /** What goes in, and what the next part takes. */
  readonly input: string;
  readonly output: string;
}

/** The parts of a whole network in running order; every operator belongs to one. */
export function networkParts({ graph, sites }: CalibratedBlock): readonly NetworkPart[] {
  const anatomy = analyzeVit(graph);
  const inLayers = anatomy.layers.map(({ input, output, nodes }, l) => ({
    ...{ name: `block ${l + 1}`, input, output, nodes },
    sites: sites.filter(({ layer }) => layer === l + 1),
  }));
  const rest = graph.nodes
    .map(({ name }) => name)
    .filter((name) => anatomy.layers.every(({ nodes }) => !nodes.has(name)));
  const last = anatomy.layers[anatomy.layers.length - 1];
  const behind = behindLayers(graph, last.output);
  return [
    {
      ...{ name: "stem", input: anatomy.input, output: anatomy.stemOutput },
      sites: sites.filter(({ layer, role }) => layer === null && role !== "head"),
      nodes: new Set(rest.filter((name) => !behind.has(name))),
    },
    ...inLayers,
    {
      ...{ name: "head", input: last.output, output: anatomy.output },
      sites: sites.filter(({ role }) => role === "head"),
      nodes: new Set(rest.filter((name) => behind.has(name))),
    },
  ];
}

/** Everything from the input of a part on, since what is quantized there cannot change what comes before. */
export function fromPart(graph: Graph, { name, input }: NetworkPart, outputs: readonly string[]): Graph {
  return extractSubgraph(graph, {
    name: `${graph.name} from ${name}`,
    inputs: [{ name: input }],
    outputs: outputs.map((output) => ({ name: output })),
  });
}

/** Operators that read what a value leads to. */
function behindLayers(graph: Graph, value: string): ReadonlySet<string> {
  const reached = new Set([value]);
  const behind = new Set<string>();
  for (const { name, inputs, outputs } of graph.nodes) {
    if (!inputs.some((input) => reached.has(input))) continue;
    behind.add(name);
    for (const output of outputs) reached.add(output);
  }
  return behind;
}
