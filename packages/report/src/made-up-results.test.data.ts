import type { Curve, CurvePoint, Results } from "./results-schema.js";

const levels = [8, 7, 6, 5];
const classNames = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
/** λ = 0 … 5, finer where something happens. */
const lambdas = [0, ...Array.from({ length: 24 }, (_, i) => Number((0.01 * 1.3 ** i).toPrecision(4)))];

/** Results with the shape of a real run and numbers from simple formulas: for tests and for looking at figures only. */
export function madeUpResults(): Results {
  return {
    schemaVersion: 1,
    experiment: { config: "synthetic-digits", configHash: "0f3c9a1b77d2", seed: 1 },
    dataset: "synthetic-digits",
    splits: { train: 6000, validation: 2000, calibration: 128, test: 2000 },
    backbone: {
      name: "vit-digits",
      top1: 0.902,
      macs: 18_400_000,
      exits: [2, 4, 6],
      levels,
      exitTop1: [0.781, 0.853, 0.902],
    },
    paths: paths(),
    cost: { model: "with-stem", unit: "BitOPs", unitCost: 147_200_000, stem: 0.06, heads: [0.0001, 0.0001, 0.0001] },
    curves: [quee(), statics(), threshold()],
    gates: [
      { gate: 2, rmse: 0.312, ece: 0.021, brier: 0.109, auroc: 0.871 },
      { gate: 3, rmse: 0.287, ece: 0.017, brier: 0.084, auroc: 0.893 },
    ],
    clusters: { K: 20, ece: 0.018, brier: 0.097 },
    operatingPoints: [point(0.3, null), point(0.5, 0.21), point(0.7, 0.08), point(0.9, 0.02)],
    classes: { names: classNames, points: lambdas.map((lambda, i) => classPoint(lambda, i)) },
    examples: ["8", "8-6", "8-8-5", "8-8-8"].map((path, i) => ({
      path,
      lambda: 0.08,
      images: Array.from({ length: 6 }, (_, j) => ({ id: 10 * i + j, label: j, predicted: j === 5 ? 3 : j })),
    })),
  };
}

function paths(): string[] {
  return levels
    .flatMap((b2, i) => levels.slice(i).map((b3) => `8-${b2}-${b3}`))
    .concat(["8", "8-8", "8-7", "8-6", "8-5"]);
}

function shares(position: number): [number, number, number] {
  const first = 0.05 + 0.9 * position ** 1.5;
  const second = (1 - first) * (0.2 + 0.4 * position);
  return [first, second, 1 - first - second];
}

function spread(top1: number, half: number): [number, number] {
  return [top1 - half, top1 + half];
}

function quee(): Curve {
  const points = lambdas.map((lambda, i): CurvePoint => {
    const position = i / (lambdas.length - 1);
    const [first, second, third] = shares(position);
    const top1 = 0.899 - 0.12 * position ** 2.6 + 0.003 * Math.sin(i);
    const cost = 0.4 * first + 0.62 * second + (0.82 + 0.14 * (1 - position)) * third;
    return {
      setting: lambda,
      top1,
      top1Ci95: spread(top1, 0.009),
      cost,
      costP95: Math.min(1.001, cost + 0.2),
      exitHistogram: [first, second, third],
      pathShares: {
        "8": first,
        "8-8": second * (0.6 - 0.5 * position),
        "8-6": second * (0.4 + 0.5 * position),
        "8-8-8": third * (0.7 - 0.6 * position),
        "8-7-6": third * 0.2,
        "8-6-5": third * (0.1 + 0.6 * position),
      },
    };
  });
  return { method: "quee", parameter: "lambda", arithmetic: "fake-quant", exit: "replayed", points };
}

function statics(): Curve {
  const accuracies = [0.9, 0.893, 0.871, 0.792];
  const points = levels.map((bits, i) => ({
    setting: bits,
    top1: accuracies[i]!,
    top1Ci95: spread(accuracies[i]!, 0.011),
    cost: bits / 8,
    costP95: bits / 8,
    exitHistogram: [0, 0, 1],
  }));
  return { method: "static-ptq", parameter: "bits", arithmetic: "fake-quant", exit: "replayed", points };
}

function threshold(): Curve {
  const points = Array.from({ length: 30 }, (_, i): CurvePoint => {
    const position = i / 29;
    const top1 = 0.9 - 0.119 * (1 - position) ** 1.9;
    const [first, second, third] = shares(1 - position);
    const cost = 0.4 * first + 0.7 * second + third;
    return {
      setting: Number((0.3 + 0.7 * position).toFixed(3)),
      top1,
      top1Ci95: spread(top1, 0.01),
      cost,
      costP95: 1,
      exitHistogram: [first, second, third],
    };
  });
  return {
    method: "threshold-max-probability",
    parameter: "threshold",
    arithmetic: "fake-quant",
    exit: "replayed",
    points,
  };
}

function point(budget: number, lambda: number | null): Results["operatingPoints"][number] {
  if (lambda === null) return { budget, lambda, validation: null, test: null, rivals: [] };
  const top1 = 0.9 - 0.08 * (1 - budget) ** 1.5;
  const rival = (method: string, setting: number, loss: number) => ({
    method,
    setting,
    validation: { top1: top1 - loss + 0.004, cost: budget - 0.01 },
    test: { top1: top1 - loss, cost: budget - 0.008 },
  });
  return {
    budget,
    lambda,
    validation: { top1: top1 + 0.003, cost: budget - 0.004 },
    test: { top1, cost: budget - 0.002 },
    rivals: [
      ...(budget >= 0.625 ? [rival("static-ptq", (8 * Math.floor(budget * 8)) / 8, 0.04)] : []),
      rival("threshold-max-probability", 0.8, 0.018),
    ],
  };
}

function classPoint(lambda: number, i: number): Results["classes"]["points"][number] {
  const position = i / (lambdas.length - 1);
  const exits = classNames.map((_, k) => {
    const ease = Math.min(0.98, Math.max(0.02, position * 0.8 + 0.3 * Math.sin(2.2 * k)));
    const first = Math.round(200 * ease);
    const second = Math.round((200 - first) * 0.4);
    return [first, second, 200 - first - second];
  });
  return {
    lambda,
    exits,
    correct: classNames.map((_, k) => 184 - Math.round(20 * position) - 3 * (k % 4)),
    meanBits: classNames.map((_, k) => 7.9 - 0.9 * position - 0.05 * (k % 5)),
  };
}
