import type { Bits } from "@quee/core";
import { consumersOf, type Graph, type Node, type ValueType } from "@quee/onnx-graph";
import type { OperandEncoding } from "../encodings.js";
import { columnSteps } from "./column-steps.js";
import type { Reach } from "./reach.js";
import type { SiteReadings } from "./site-readings.js";

/** A value that becomes codes where it is made, since all that happens to it is being moved around and multiplied. */
export interface CodeRegion {
  readonly root: string;
  readonly bits: Bits;
  /** One step, or one per column of the linear layer that makes the value. */
  readonly steps: readonly number[];
  /** Operators that move codes instead of floats. */
  readonly movements: readonly Node[];
}

/** What only puts elements elsewhere; the data is input 0, all else is constant. */
const movementOps: ReadonlySet<string> = new Set([
  ...["Reshape", "Transpose", "Gather", "Split", "Slice", "Squeeze", "Unsqueeze", "Flatten", "Identity"],
]);

/**
 * Finds the values that can be rounded once, before queries, keys and values part or heads are merged: codes are a quarter as
 * large to move as floats, and one rounding serves all. Heads with steps of their own take them from the columns of the linear
 * layer that makes them.
 */
export function codeRegions(
  graph: Graph,
  types: ReadonlyMap<string, ValueType>,
  readings: SiteReadings,
): readonly CodeRegion[] {
  const linears = [...readings.byNode.values()].filter(({ kind }) => kind === "linear");
  const linearOutputs = new Set(linears.map((reading) => reading.kind === "linear" && reading.output));
  const movements = new Set(graph.nodes.filter((node) => isMovement(graph, node)));
  const roots = [
    ...graph.inputs.map(({ name }) => name),
    ...graph.nodes.filter((node) => !movements.has(node)).flatMap(({ outputs }) => outputs),
  ];
  const reachOf = reachFinder(graph, movements, readings);
  return roots.flatMap((root) => {
    const reach = reachOf(root);
    if (reach === null) return [];
    const steps = oneStep(reach) ?? (linearOutputs.has(root) ? columnSteps(graph, root, types, reach) : null);
    return steps === null ? [] : [{ root, bits: reach.bits, steps, movements: reach.movements }];
  });
}

function isMovement(graph: Graph, { op, domain, inputs }: Node): boolean {
  const [, ...rest] = inputs;
  return domain === "" && movementOps.has(op) && rest.every((name) => name === "" || graph.initializers.has(name));
}

/** @returns everything that reads a value; null where somebody needs the float, or readers differ in bits */
function reachFinder(graph: Graph, movements: ReadonlySet<Node>, { byNode }: SiteReadings) {
  const consumers = consumersOf(graph);
  const graphOutputs = new Set(graph.outputs.map(({ name }) => name));
  return (root: string): Reach | null => {
    const through = new Set<Node>();
    const readers: OperandEncoding[] = [];
    const widths = new Set<Bits>();
    const values = [root];
    for (const value of values) {
      if (graphOutputs.has(value)) return null;
      for (const node of consumers.get(value) ?? []) {
        if (movements.has(node)) {
          through.add(node);
          values.push(...node.outputs);
          continue;
        }
        const reading = byNode.get(node.name);
        if (reading === undefined) return null;
        const operands = (reading.kind === "product" ? reading.operands : [reading.activation]).filter(
          (operand) => operand.value === value && (operand.quantizer ?? "uniform") === "uniform",
        );
        if (operands.length !== node.inputs.filter((name) => name === value).length) return null;
        readers.push(...operands);
        widths.add(reading.bits);
      }
    }
    const [bits, ...others] = widths;
    if (bits === undefined || others.length > 0) return null;
    return { movements: graph.nodes.filter((node) => through.has(node)), operands: readers, bits };
  };
}

function oneStep({ operands }: Reach): readonly number[] | null {
  const [first] = operands[0].scales;
  return operands.every(({ scales }) => scales.every((scale) => scale === first)) ? [first] : null;
}
