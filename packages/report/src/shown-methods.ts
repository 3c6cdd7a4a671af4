import type { Shift } from "./comparison-schema.js";
import type { Results } from "./results-schema.js";

/** QuEE and the rivals of the paper. QuEE (arXiv 2406.14404), section 5.4. */
const ofThePaper = ["quee", "static-ptq", "threshold-max-probability", "jei-dnn", "dqnet-gate"];

/**
 * The methods of the main figure: those of the paper, and the rival that QuEE does worst against over their common costs. All
 * where nothing was compared.
 */
export function shownMethods({ curves, comparison }: Results): readonly string[] {
  if (comparison === undefined) return curves.map(({ method }) => method);
  const rivals = new Set(comparison.methods.filter(({ role }) => role === "rival").map(({ method }) => method));
  const [strongest] = comparison.pairs
    .flatMap(({ first, second, whole }) =>
      first === "quee" && rivals.has(second) && whole !== null ? [{ second, difference: whole.difference }] : [],
    )
    .sort((a, b) => a.difference - b.difference);
  const names = [...ofThePaper, ...(strongest === undefined ? [] : [strongest.second])];
  return curves.map(({ method }) => method).filter((method) => names.includes(method));
}

/** The middle one of the budgets that QuEE meets: its settings are shown on corrupted images. Null where it meets none. */
export function shownBudget({ conditions }: Shift): number | null {
  const met = conditions.flatMap(({ points }) =>
    points.filter(({ method }) => method === "quee").map(({ budget }) => budget),
  );
  const budgets = [...new Set(met)].sort((a, b) => a - b);
  return budgets[Math.floor(budgets.length / 2)] ?? null;
}
