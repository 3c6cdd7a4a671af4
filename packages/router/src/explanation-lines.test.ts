import { bits, type GateView, type Path } from "@quee/core";
import { expect, test } from "vitest";
import { explainDecision } from "./explain-decision.js";
import { explanationLines } from "./explanation-lines.js";
import type { QueePolicyOptions } from "./quee-policy.js";
import { meanBits, pathsFrom, space } from "./routing.test.fixture.js";

const view = (prefix: Path): GateView => ({
  prefix,
  count: 1,
  classCount: 2,
  history: prefix.map(() => Float32Array.of(0.5, 0.5)),
});
const prefix = [bits(8), bits(6)];
/** 8-6, 8-6-6, 8-6-5 */
const options: QueePolicyOptions = {
  space,
  costs: meanBits,
  lambda: 0.5,
  predict: (asked) => ({ candidates: pathsFrom(asked.prefix), predictedError: Float32Array.of(0.5, 0.25, 0.375) }),
};
const lines = (some: Partial<QueePolicyOptions>, where: Path = prefix) =>
  explanationLines(explainDecision(view(where), 0, { ...options, ...some }));

test("the lines say what was done, by how much, and what every other way would have been worth", () => {
  expect(lines({})).toEqual([
    "gate behind 8-6, λ 0.5: continue at 6 bits towards 8-6-6, ahead by 0.1042",
    "  8-6-6  error 0.2500  cost 0.8333  loss 0.6667  chosen",
    "  8-6-5  error 0.3750  cost 0.7917  loss 0.7708  +0.1042",
    "  8-6    error 0.5000  cost 0.5833  loss 0.7917  +0.1250",
  ]);
});

test("candidates that were not allowed say why", () => {
  expect(lines({ maxCost: 0.8 })).toEqual([
    "gate behind 8-6, λ 0.5: continue at 5 bits towards 8-6-5, ahead by 0.0208",
    "  8-6-5  error 0.3750  cost 0.7917  loss 0.7708  chosen",
    "  8-6    error 0.5000  cost 0.5833  loss 0.7917  +0.0208",
    "  8-6-6  error 0.2500  cost 0.8333  loss 0.6667  not allowed: above the cost that an image may have",
  ]);
  expect(lines({ among: (candidates) => candidates.slice(0, 1) })).toEqual([
    "gate behind 8-6, λ 0.5: exit, nothing else is allowed",
    "  8-6    error 0.5000  cost 0.5833  loss 0.7917  chosen",
    "  8-6-6  error 0.2500  cost 0.8333  loss 0.6667  not allowed: not among the sampled paths",
    "  8-6-5  error 0.3750  cost 0.7917  loss 0.7708  not allowed: not among the sampled paths",
  ]);
  expect(lines({ maxCost: 0.5 })[0]).toBe("gate behind 8-6, λ 0.5: exit, no candidate is allowed");
});

test("an abstention says how sure it would have had to be", () => {
  expect(lines({ abstainAbove: 0.2 })).toEqual([
    "gate behind 8-6, λ 0.5: abstain, the least predicted error 0.2500 is above 0.2",
    "  8-6-6  error 0.2500  cost 0.8333  loss 0.6667",
    "  8-6-5  error 0.3750  cost 0.7917  loss 0.7708",
    "  8-6    error 0.5000  cost 0.5833  loss 0.7917",
  ]);
});

test("at λ = Infinity costs are compared, at the ends nothing is", () => {
  expect(lines({ lambda: Number.POSITIVE_INFINITY })).toEqual([
    "gate behind 8-6, λ Infinity: exit, ahead by 0.2083",
    "  8-6    error 0.5000  cost 0.5833  loss Infinity  chosen",
    "  8-6-5  error 0.3750  cost 0.7917  loss Infinity  +0.2083",
    "  8-6-6  error 0.2500  cost 0.8333  loss Infinity  +0.2500",
  ]);
  expect(lines({ firstBits: bits(6) }, [])).toEqual(["first gate, λ 0.5: continue at 6 bits, as for every image"]);
  expect(lines({}, [8, 8, 8].map(bits))).toEqual(["gate behind 8-8-8, λ 0.5: exit, there is no further block"]);
});
