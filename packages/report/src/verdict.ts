import type { ComparedPair, Comparison } from "./comparison-schema.js";
import type { CurvePoint, Results } from "./results-schema.js";
import { inSentence, methodName, percent, points, shortPercent, signedPoints } from "./words.js";

/** What the comparison says, in plain words: where QuEE wins, where it loses, and what its paths say about why. */
export function verdictLines(results: Results): readonly string[] {
  const { comparison } = results;
  if (comparison === undefined) return [];
  const pairs = comparison.pairs.filter(
    ({ first, second }) => first === "quee" && roleOf(comparison, second) === "rival",
  );
  const met = pairs.flatMap((pair) => (pair.whole === null ? [] : [{ pair, whole: pair.whole }]));
  const apart = pairs.filter(({ whole }) => whole === null);
  const won = met.filter(({ whole }) => whole.low > 0);
  const lost = met.filter(({ whole }) => whole.high < 0).sort((a, b) => a.whole.difference - b.whole.difference);
  const [worst] = lost;
  return [
    met.length === 0
      ? "QuEE and its rivals reach no cost in common."
      : `Over the costs that both reach, QuEE is more accurate than ${won.length} of ${met.length} rivals, less accurate than ` +
        `${lost.length}, and too close to call with ${met.length - won.length - lost.length} (95 % intervals of a paired bootstrap).`,
    ...(won.length === 0
      ? []
      : [`It beats ${list(won.map(({ pair, whole }) => `${nameOf(pair)} (${points(whole.difference)})`))}.`]),
    ...(worst === undefined
      ? met.length === 0
        ? []
        : ["No rival beats it."]
      : [
          `It loses to ${list(lost.map(({ pair, whole }) => `${nameOf(pair)} (${points(whole.difference)})`))}.`,
          ...whereWorst(worst.pair),
          ...whyWorst(results, worst.pair),
        ]),
    ...apart.flatMap(({ first, second, at }) => apartWords(comparison, first, second, at)),
    ...boundWords(comparison),
  ];
}

/** Bounds know too much or nothing: nobody wins against them. */
function roleOf({ methods }: Comparison, name: string): string | undefined {
  return methods.find(({ method }) => method === name)?.role;
}

function nameOf({ second }: Pick<ComparedPair, "second">): string {
  return inSentence(methodName(second));
}

function list(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

function whereWorst({ second, cheapHalf, dearHalf }: ComparedPair): readonly string[] {
  if (cheapHalf === null || dearHalf === null) return [];
  const half = ({ from, to, difference, low, high }: NonNullable<typeof cheapHalf>) =>
    `${points(difference)} (${signedPoints(low)} to ${signedPoints(high)}) at costs of ${shortPercent(from)} to ${shortPercent(to)}`;
  return [`Against ${inSentence(methodName(second))}, the strongest: ${half(cheapHalf)}, ${half(dearHalf)}.`];
}

/** Who leaves where at the same cost, and for how many images the cheapest right path is which. */
function whyWorst(results: Results, { second, whole }: ComparedPair): readonly string[] {
  const { comparison, backbone } = results;
  if (whole === null || comparison === undefined) return [];
  const cost = (whole.from + whole.to) / 2;
  const [own, other] = ["quee", second].map((name) => pointNear(results, name, cost));
  if (own === undefined || other === undefined) return [];
  const leaves = ({ exitHistogram }: CurvePoint) => exitHistogram.map((share) => shortPercent(share)).join(", ");
  const most = Math.max(...backbone.levels);
  const fewer = ({ pathShares = {} }: CurvePoint) =>
    Object.entries(pathShares).reduce(
      (sum, [path, share]) => sum + (path.split("-").some((level) => Number(level) < most) ? share : 0),
      0,
    );
  const first = comparison.paths.filter(({ path }) => !path.includes("-"));
  const early = first.reduce((sum, { cheapestRight }) => sum + cheapestRight, 0);
  return [
    `Near a cost of ${shortPercent(cost)} QuEE's images leave at exits 1 … ${backbone.exits.length} by ${leaves(own)}, ` +
      `${shortPercent(fewer(own))} of them with fewer than ${most} bits somewhere; of ${inSentence(methodName(second))}: ` +
      `${leaves(other)} and ${shortPercent(fewer(other))}.`,
    ...(coarseStart(other, most) === 0
      ? []
      : [
          `Of its images ${shortPercent(coarseStart(other, most))} run stem and first block at fewer than ${most} bits, ` +
            `${coarseStart(own, most) === 0 ? "which QuEE's do not" : `of QuEE's ${shortPercent(coarseStart(own, most))}`}.`,
        ]),
    `The first exit is the cheapest right answer for ${percent(early)} of the images; ` +
      `${percent(comparison.paths.reduce((sum, { cheapestRight }) => sum + cheapestRight, 0))} are right on some path, ` +
      `${percent(comparison.fullTop1)} on the whole network at ${most} bits.`,
  ];
}

/** Share of images whose first block runs at fewer than the most bits. */
function coarseStart({ pathShares = {} }: CurvePoint, most: number): number {
  return Object.entries(pathShares).reduce(
    (sum, [path, share]) => sum + (Number.parseInt(path, 10) < most ? share : 0),
    0,
  );
}

function pointNear({ curves }: Results, method: string, cost: number): CurvePoint | undefined {
  const of = curves.find((curve) => curve.method === method)?.points ?? [];
  return of.reduce<CurvePoint | undefined>(
    (best, point) => (best === undefined || Math.abs(point.cost - cost) < Math.abs(best.cost - cost) ? point : best),
    undefined,
  );
}

/** Methods whose costs do not meet QuEE's: what each gives at its own. */
function apartWords({ methods }: Comparison, first: string, second: string, at: ComparedPair["at"]): readonly string[] {
  const [own, other] = [first, second].map((name) => methods.find(({ method }) => method === name)?.range ?? null);
  if (own == null || other == null) return [];
  const [dear] = at.slice(-1);
  const difference =
    dear === undefined ? "" : `; when both may spend ${shortPercent(dear.cost)}, QuEE has ${points(dear.difference)}`;
  return [
    `${methodName(second)} costs ${shortPercent(other.from)} to ${shortPercent(other.to)}, QuEE ${shortPercent(own.from)} to ` +
      `${shortPercent(own.to)}: there is no cost in common${difference}.`,
  ];
}

/** How far the gates are from foreseeing their targets, and from routing by lot. */
function boundWords({ pairs }: Comparison): readonly string[] {
  const against = (name: string) =>
    pairs.find(({ first, second }) => first === "quee" && second === name)?.whole ?? null;
  const [targets, random] = [against("oracle-error-targets"), against("random")];
  return [
    ...(targets === null
      ? []
      : [
          targets.low > 0
            ? `Gates that foresaw their targets would have ${points(-targets.difference)}: the least of many noisy targets is too good to be true, and predictors even that out.`
            : `Gates that foresaw their targets would have ${points(-targets.difference)} more: so much is left to the predictors.`,
        ]),
    ...(random === null
      ? []
      : [
          random.low > 0
            ? `QuEE has ${points(random.difference)} against routing by lot.`
            : `QuEE is not clearly better than routing by lot (${points(random.difference)}): these gates decide nothing worth having.`,
        ]),
  ];
}
