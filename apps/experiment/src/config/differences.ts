import { parse } from "yaml";

/** `heads.maxEpochs: 15 → 20` for every value that two YAML texts do not share. */
export function differences(before: string, after: string): readonly string[] {
  const [old, now] = [leavesOf(parse(before)), leavesOf(parse(after))];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((key) => old.get(key) !== now.get(key))
    .map((key) => `${key}: ${old.get(key) ?? "nothing"} → ${now.get(key) ?? "nothing"}`);
}

function leavesOf(value: unknown, at = "", leaves = new Map<string, string>()): ReadonlyMap<string, string> {
  if (value !== null && typeof value === "object") {
    for (const [key, inside] of Object.entries(value)) leavesOf(inside, at === "" ? key : `${at}.${key}`, leaves);
  } else {
    leaves.set(at, JSON.stringify(value));
  }
  return leaves;
}
