import type { ComparedMethod, ComparedPair, Comparison } from "./comparison-schema.js";
import type { Results } from "./results-schema.js";
import { inSentence, methodName, percent, points, shortPercent, signedPoints } from "./words.js";

/** A statement of the paper about its results, and what this run says about it. */
export interface CheckedStatement {
  /** In our words. QuEE (arXiv 2406.14404), section 5.5. */
  readonly claim: string;
  readonly holds: "yes" | "no" | "in part" | "not decided here";
  readonly numbers: string;
}

const paperRivals = ["threshold-max-probability", "static-ptq", "jei-dnn", "dqnet-gate"];

/** Section 5.5 of the paper, statement by statement; nothing without the rivals that it takes. */
export function checkPaperStatements({ comparison, curves, backbone }: Results): readonly CheckedStatement[] {
  if (comparison === undefined) return [];
  const facts: Facts = {
    comparison,
    backboneTop1: backbone.top1,
    bestTop1: (name) =>
      Math.max(0, ...(curves.find(({ method }) => method === name)?.points ?? []).map(({ top1 }) => top1)),
    method: (name) => comparison.methods.find(({ method }) => method === name),
    pair: (first, second) => comparison.pairs.find((one) => one.first === first && one.second === second),
  };
  return [outperforms, jeiDnnDear, dqnetRange, dqnetOverStatic, oneTraining, stability, balance].flatMap((check) => {
    const checked = check(facts);
    return checked === null ? [] : [checked];
  });
}

interface Facts {
  readonly comparison: Comparison;
  readonly backboneTop1: number;
  readonly bestTop1: (method: string) => number;
  readonly method: (name: string) => ComparedMethod | undefined;
  readonly pair: (first: string, second: string) => ComparedPair | undefined;
}

type Check = (facts: Facts) => CheckedStatement | null;
type Told = NonNullable<ComparedPair["whole"]>;

/** Where ranges do not meet, the dearest cost that both may spend speaks for the dear half. */
function halves({ cheapHalf, dearHalf, at }: ComparedPair) {
  const last = at.at(-1);
  return { cheap: cheapHalf, dear: dearHalf ?? last ?? null };
}

function told(difference: Pick<Told, "difference" | "low" | "high"> | null): string {
  if (difference === null) return "no cost in common";
  const { low, high } = difference;
  return `${points(difference.difference)} (${signedPoints(low)} to ${signedPoints(high)})`;
}

const outperforms: Check = ({ pair }) => {
  const pairs = paperRivals.flatMap((name) => pair("quee", name) ?? []);
  if (pairs.length === 0) return null;
  const compared = pairs.map((one) => ({ name: inSentence(methodName(one.second)), ...halves(one) }));
  const known = compared.flatMap(({ cheap, dear }) => [cheap, dear]).filter((half) => half !== null);
  const wins = known.filter(({ low }) => low > 0).length;
  const losses = known.filter(({ high }) => high < 0).length;
  return {
    claim: "QuEE outperforms the baselines, above all at low cost.",
    holds:
      losses === 0 && wins > 0
        ? "yes"
        : wins === 0 && losses > 0
          ? "no"
          : wins + losses === 0
            ? "not decided here"
            : "in part",
    numbers: compared
      .map(({ name, cheap, dear }) => `against ${name}: cheap half ${told(cheap)}, dear half ${told(dear)}`)
      .join("; "),
  };
};

const jeiDnnDear: Check = ({ pair, bestTop1, backboneTop1 }) => {
  const against = pair("quee", "jei-dnn");
  if (against === undefined) return null;
  const { dear } = halves(against);
  const best = bestTop1("jei-dnn");
  const beatsQuee = dear !== null && dear.high < 0;
  const beatsBackbone = best > backboneTop1;
  return {
    claim: "JEI-DNN is better than QuEE, and than the backbone itself, at high cost.",
    holds:
      beatsQuee && beatsBackbone
        ? "yes"
        : beatsQuee || beatsBackbone
          ? "in part"
          : dear !== null && dear.low > 0
            ? "no"
            : "not decided here",
    numbers: `QuEE less JEI-DNN in the dear half: ${told(dear)}; JEI-DNN has at most ${percent(best)}, the backbone ${percent(backboneTop1)}`,
  };
};

const dqnetRange: Check = ({ method }) => {
  const [dqnet, quee] = [method("dqnet-gate")?.range, method("quee")?.range];
  if (dqnet == null || quee == null) return null;
  return {
    claim: "DQNet is limited in the costs that it reaches, since it cannot exit early.",
    holds: dqnet.from > quee.from ? "yes" : "no",
    numbers: `DQNet costs ${shortPercent(dqnet.from)} to ${shortPercent(dqnet.to)}, QuEE ${shortPercent(quee.from)} to ${shortPercent(quee.to)}`,
  };
};

const dqnetOverStatic: Check = ({ pair }) => {
  const against = pair("dqnet-gate", "static-ptq");
  if (against === undefined) return null;
  const whole = against.whole ?? against.at.at(-1) ?? null;
  return {
    claim: "DQNet is better than one bit-width for all at the same cost.",
    holds: whole === null ? "not decided here" : whole.low > 0 ? "yes" : whole.high < 0 ? "no" : "not decided here",
    numbers: `DQNet less one bit-width: ${told(whole)}`,
  };
};

const oneTraining: Check = ({ method }) => {
  const quee = method("quee");
  const others = ["jei-dnn", "dqnet-gate"].flatMap((name) => method(name) ?? []);
  if (quee === undefined || others.length === 0) return null;
  const each = others.map(
    ({ method: name, trainings, chosen }) => `${methodName(name)} ${trainings} for ${chosen} points worth having`,
  );
  return {
    claim: "QuEE is trained once for a whole curve; JEI-DNN and DQNet once for each point.",
    holds: others.every(({ trainings }) => trainings > quee.trainings) ? "yes" : "no",
    numbers: `QuEE trains ${quee.trainings} gates for ${quee.chosen} points; ${each.join(", ")}`,
  };
};

const stability: Check = ({ method, comparison }) => {
  const quee = method("quee");
  const others = ["jei-dnn", "dqnet-gate"].flatMap((name) => method(name) ?? []);
  if (quee === undefined || others.length === 0) return null;
  const all = [quee, ...others];
  const words = all.map((one) => {
    const spread = spreadOf(one);
    const seeds = spread === null ? "" : `, seeds ${percent(spread)} apart`;
    return `${methodName(one.method)}: settings lie ${percent(one.belowEnvelope, 2)} below the method's own best${seeds}`;
  });
  return {
    claim: "Retrained rivals are unstable: their points scatter; QuEE's do not.",
    holds: others.every(({ belowEnvelope }) => belowEnvelope > quee.belowEnvelope) ? "yes" : "no",
    numbers: `${words.join("; ")} (${comparison.seeds.length} ${comparison.seeds.length === 1 ? "seed" : "seeds"})`,
  };
};

/** Between the best and the worst seed, mean accuracy over the costs of all. */
function spreadOf({ meanTop1BySeed }: ComparedMethod): number | null {
  const known = meanTop1BySeed.filter((top1) => top1 !== null);
  return known.length < 2 ? null : Math.max(...known) - Math.min(...known);
}

const balance: Check = ({ pair }) => {
  const exitsOverBits = pair("threshold-max-probability", "static-ptq");
  const own = ["threshold-max-probability", "static-ptq"].flatMap((name) => pair("quee", name) ?? []);
  if (exitsOverBits === undefined || own.length === 0) return null;
  const gap = exitsOverBits.whole ?? exitsOverBits.at.at(-1) ?? null;
  return {
    claim: "QuEE gains most where early exit and quantization are equally good alone.",
    // One run is one place on that line: it takes several to see a trend.
    holds: "not decided here",
    numbers:
      `early exit less quantization: ${told(gap)}; QuEE over early exit ${told(own[0]?.whole ?? null)}, ` +
      `over quantization ${told(own[1]?.whole ?? own[1]?.at.at(-1) ?? null)}`,
  };
};
