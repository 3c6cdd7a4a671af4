import type { ComparedMethod, ComparedPair, Comparison, Shift } from "./comparison-schema.js";
import { madeUpResults } from "./made-up-results.test.data.js";
import type { Results } from "./results-schema.js";

/** The made-up results with a rival of each kind of the paper, compared: QuEE wins at low cost and loses at high cost to JEI-DNN. */
export function madeUpComparedResults(): Results {
  const results = madeUpResults();
  const [, , threshold] = results.curves;
  if (threshold === undefined) throw new Error("the made-up results have three curves");
  for (const method of ["jei-dnn", "dqnet-gate", "oracle-error-targets", "random"]) {
    results.curves.push({ ...threshold, method });
  }
  results.comparison = madeUpComparison();
  return results;
}

function madeUpComparison(): Comparison {
  return {
    seeds: [1, 2],
    resamples: 2000,
    fullTop1: 0.9,
    methods: [
      method("quee", "main", 2, 0.0001, [0.45, 0.95], [0.88, 0.881]),
      method("static-ptq", "rival", 0, 0, [0.625, 1], [0.86]),
      method("threshold-max-probability", "rival", 0, 0.0004, [0.45, 1], [0.87]),
      method("jei-dnn", "rival", 14, 0.004, [0.45, 1], [0.885, 0.871]),
      method("dqnet-gate", "rival", 29, 0.003, [0.96, 0.99], [0.87, 0.868]),
      method("oracle-error-targets", "ceiling", 0, 0, [0.4, 1], [0.93]),
      method("random", "floor", 0, 0.0002, [0.4, 1], [0.82]),
    ],
    pairs: [
      pair("quee", "static-ptq", [0.03, 0.05, 0.01]),
      pair("quee", "threshold-max-probability", [0.0005, 0.001, 0]),
      pair("quee", "jei-dnn", [-0.006, 0.004, -0.016]),
      pair("quee", "dqnet-gate", null),
      pair("quee", "oracle-error-targets", [-0.05, -0.05, -0.05]),
      pair("quee", "random", [0.06, 0.06, 0.06]),
      pair("dqnet-gate", "static-ptq", [0.01, 0.01, 0.01]),
      pair("threshold-max-probability", "static-ptq", [0.002, 0.002, 0.002]),
    ],
    paths: [
      { path: "8", cost: 0.4, top1: 0.781, cheapestRight: 0.781 },
      { path: "8-8-8", cost: 1, top1: 0.9, cheapestRight: 0.14 },
    ],
    costModels: [
      {
        model: "blocks-only",
        methods: [],
        pairs: [{ first: "quee", second: "jei-dnn", range: { from: 0.3, to: 1 }, meanTop1: [0.88, 0.87] }],
      },
    ],
  };
}

function method(
  name: string,
  role: ComparedMethod["role"],
  trainings: number,
  belowEnvelope: number,
  [from, to]: readonly [number, number],
  meanTop1BySeed: number[],
): ComparedMethod {
  const costAtDrop = [0, 1].map((dropPoints) => ({ dropPoints, cost: dropPoints === 0 ? null : 0.7 }));
  const counts = { trainings, settings: 30, chosen: 20 };
  return { method: name, role, ...counts, belowEnvelope, range: { from, to }, meanTop1BySeed, costAtDrop };
}

/** Intervals of half a point on both sides. @param means over all, cheap and dear costs; null without a common range */
function pair(first: string, second: string, means: readonly [number, number, number] | null): ComparedPair {
  const interval = (difference: number) => ({
    ...{ difference, low: difference - 0.005, high: difference + 0.005 },
    significant: Math.abs(difference) > 0.005,
  });
  const [whole, cheap, dear] = means ?? [null, null, null];
  const over = (difference: number | null | undefined, from: number, to: number) =>
    difference == null ? null : { from, to, ...interval(difference) };
  return {
    ...{ first, second },
    whole: over(whole, 0.45, 0.95),
    cheapHalf: over(cheap, 0.45, 0.7),
    dearHalf: over(dear, 0.7, 0.95),
    at: [{ cost: 1, ...interval(dear ?? 0.02) }],
  };
}

/** Two kinds at two strengths, at the one budget of which the middle one is shown. */
export function madeUpShift({ operatingPoints }: Results): Shift {
  const budget = 0.7;
  const point = operatingPoints.find((one) => one.budget === budget);
  const settings = [
    { method: "quee", setting: point?.lambda ?? 0 },
    { method: "threshold-max-probability", setting: 0.8 },
  ];
  return {
    images: 50,
    kinds: ["noise", "blur"],
    strengths: [1, 5],
    methods: settings.map(({ method: name, setting }) => ({
      method: name,
      clean: [{ setting, top1: 0.88, cost: 0.69 }],
      byStrength: [[{ setting, top1: 0.8, cost: 0.75 }], [{ setting, top1: 0.5, cost: 0.85 }]],
    })),
    conditions: ["noise", "blur"].flatMap((kind) =>
      [1, 5].map((strength) => ({
        ...{ kind, strength },
        points: settings.map(({ method: name }) => ({ method: name, budget, top1: 0.9 - strength / 10, cost: 0.7 })),
      })),
    ),
  };
}
