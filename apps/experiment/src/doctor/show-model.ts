import type { Pooling } from "@quee/vit-blocks";
import { alignedTable } from "./aligned-table.js";
import type { ModelDiagnosis, PartDiagnosis, ProductDiagnosis } from "./diagnose-model.js";

/** A diagnosis as a person reads it. */
export function showModel(file: string, diagnosis: ModelDiagnosis, exitsAreProposed: boolean): string {
  const { operators, opset, input, tokens, width, heads, depth, classCount, pooling, exits } = diagnosis;
  return [
    `${file}: opset ${opset}, ${operators.raw} operators, ${operators.clean} when cleaned`,
    "",
    `  ${input.name} [${input.shape.join(", ")}]`,
    `  → stem → ${tokens} tokens × ${width}`,
    `  → ${depth} layers of ${heads} heads`,
    `  → ${pooling.map(describePooling).join(" and ")} → ${classCount} classes`,
    "",
    alignedTable(
      ["part", "layers", "MACs", "share", "parameters", "out"],
      [...diagnosis.parts.map((part) => partRow(part, diagnosis.totalMacs)), totalRow(diagnosis)],
    ),
    "",
    `exits behind layers ${exits.join(", ")}${exitsAreProposed ? " (proposed; --exits 2,4,… chooses others)" : ""}`,
    "",
    alignedTable(["quantized", "products", "weights", "activations"], diagnosis.products.map(productRow)),
    ...(diagnosis.floatMacs > 0
      ? ["", `in float: ${millions(diagnosis.floatMacs)} MACs of the stem (a performer)`]
      : []),
  ].join("\n");
}

function partRow({ name, layers, macs, parameters, outputShape }: PartDiagnosis, total: number): readonly string[] {
  const range = layers === null ? "" : layers[0] === layers[1] ? String(layers[0]) : layers.join("–");
  return [name, range, millions(macs), percent(macs / total), thousands(parameters), `[${outputShape.join(", ")}]`];
}

function totalRow({ parts, totalMacs }: ModelDiagnosis): readonly string[] {
  const parameters = parts.reduce((sum, part) => sum + part.parameters, 0);
  return ["total", "", millions(totalMacs), "", thousands(parameters), ""];
}

function productRow({ role, count, kind, groups, twinRangesBehind }: ProductDiagnosis): readonly string[] {
  const weights = kind === "matmul" ? "none" : groups === 1 ? "one scale" : `${groups} scales (stacked parts)`;
  const left = twinRangesBehind === null ? "one range" : `twin ranges (behind ${twinRangesBehind})`;
  return [role, String(count), weights, kind === "matmul" ? `${left}, and one for the other operand` : left];
}

function describePooling(pooling: Pooling): string {
  return pooling.kind === "token" ? `token ${pooling.index}` : `mean of tokens ${pooling.from}–${pooling.to - 1}`;
}

const millions = (macs: number) =>
  `${(macs / 1e6).toLocaleString("en-GB", { maximumFractionDigits: macs < 1e5 ? 4 : 2 })} M`;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const thousands = (count: number) => count.toLocaleString("en-GB");
