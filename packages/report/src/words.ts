import type { Curve } from "./results-schema.js";

const noBreak = "\u00a0";

/** `88.1 %` */
export function percent(fraction: number, decimals = 1): string {
  return `${(fraction * 100).toFixed(decimals)}${noBreak}%`;
}

/** `62 %`, with a decimal only where there is something to say: for costs and axis ticks. */
export function shortPercent(fraction: number): string {
  const value = Number((fraction * 100).toFixed(1));
  return `${value}${noBreak}%`;
}

/** A share that may be tiny: two digits of it, `0.031 %`. */
export function finePercent(fraction: number): string {
  return fraction >= 0.01 || fraction === 0
    ? shortPercent(fraction)
    : `${Number((fraction * 100).toPrecision(2))}${noBreak}%`;
}

/** λ and thresholds: three digits, no exponent between 0.001 and 1000. */
export function settingText(setting: number | string): string {
  return typeof setting === "string" ? setting : String(Number(setting.toPrecision(3)));
}

/** `1,234,567` without asking the locale of the machine. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `86.7 M MACs`, `1.1 GB`: a unit that is a symbol joins its prefix. */
export function withUnitPrefix(value: number, unit: string): string {
  const prefixes = ["", "k", "M", "G", "T", "P"];
  let scaled = value;
  let index = 0;
  while (scaled >= 1000 && index < prefixes.length - 1) {
    scaled /= 1000;
    index++;
  }
  const gap = unit.length > 1 && index > 0 ? noBreak : "";
  return `${Number(scaled.toPrecision(3))}${noBreak}${prefixes[index]}${gap}${unit}`;
}

const names: ReadonlyMap<string, string> = new Map([
  ["quee", "QuEE"],
  ["static-ptq", "One bit-width for all"],
  ["threshold-max-probability", "Confidence threshold"],
  ["threshold-entropy", "Entropy threshold"],
  ["threshold-margin", "Margin threshold"],
  ["threshold-sharpened-entropy", "Entropy threshold on p²"],
  ["threshold-on-uniform", "Threshold on any bit-width"],
  ["threshold-on-static-paths", "Threshold on any static path"],
  ["threshold-budgeted", "Budgeted thresholds (MSDNet)"],
  ["static-hull", "Best static paths"],
  ["patience", "Patience (PABEE)"],
  ["calibrated", "Calibrated threshold (PCEE)"],
  ["calibrated-smoothed", "Calibrated threshold, smoothed"],
  ["ensemble", "Ensemble of exits (ZTW)"],
  ["deferral", "Deferral by correctness"],
  ["deferral-probability", "Deferral by probability"],
  ["jei-dnn", "JEI-DNN"],
  ["jei-dnn-published", "JEI-DNN as published"],
  ["dqnet-gate", "DQNet gate"],
  ["dqnet-gate-monotone", "DQNet gate, never upwards"],
  ["oracle-clairvoyant", "Oracle that knows the labels"],
  ["oracle-error-targets", "Oracle that knows the targets"],
  ["random", "Random paths"],
]);

/** The name of a method as people read it; an unknown one is shown as it is. */
export function methodName(method: string): string {
  const known = names.get(method);
  if (known !== undefined) return known;
  const oracle = /^oracle-(.+)$/.exec(method)?.[1];
  return oracle === undefined ? method : `Oracle (${oracle})`;
}

/** Name of a curve among `all`: says arithmetic and exit only where another curve has the same method. */
export function curveName(curve: Curve, all: readonly Curve[]): string {
  const twins = all.filter((other) => other.method === curve.method);
  const name = methodName(curve.method);
  if (twins.length < 2) return name;
  const parts = [
    twins.some((twin) => twin.arithmetic !== curve.arithmetic) ? curve.arithmetic : null,
    twins.some((twin) => twin.exit !== curve.exit) ? curve.exit : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? name : `${name}, ${parts.join(", ")}`;
}

/** `Confidence threshold` → `the confidence threshold`; names that are abbreviations stay. */
export function inSentence(name: string): string {
  if (name === "One bit-width for all") return "the best single bit-width";
  return /^[A-Z][a-z]/.test(name) ? `the ${name[0]?.toLowerCase()}${name.slice(1)}` : name;
}

/** `+1.2 points`, `−0.3 points`: a difference of accuracies. */
export function points(difference: number): string {
  return `${signedPoints(difference)}${noBreak}points`;
}

/** `+1.2`, `−0.3`, in points. */
export function signedPoints(difference: number): string {
  const value = (100 * difference).toFixed(1);
  return Number(value) < 0 ? `−${value.slice(1)}` : `+${value.replace("-", "")}`;
}

const parameterNames: ReadonlyMap<string, string> = new Map([["lambda", "λ"]]);

/** `λ 0.12`, `8 bits`, `threshold 0.9` */
export function settingWithName(parameter: string, setting: number | string): string {
  if (parameter === "bits") return `${settingText(setting)} bits`;
  return `${parameterNames.get(parameter) ?? parameter} ${settingText(setting)}`;
}
