import { test } from "@fast-check/vitest";
import { bits } from "@quee/core";
import { randomStream } from "@quee/tensor";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { calibrateGates } from "./calibrate-gates.js";
import { applyCalibrator, type Calibrator, fitCalibrator } from "./calibrator.js";
import { gateReports } from "./gate-reports.js";
import { createGates, type Gates } from "./gates.js";
import { gatesToJson, parseGates } from "./json.js";
import { initialNetwork } from "./network.js";
import { randomTable, randomView, space } from "./views.test.fixture.js";
import { wrongness } from "./wrongness.js";

const architecture = { reading: "A", embedding: 8, hidden: 16, classCount: 4, exitCount: 3 } as const;
const networks = new Map([2, 3].map((gate) => [gate, initialNetwork(architecture, randomStream(gate, "untrained"))]));
const gates: Gates = createGates(architecture, space, networks);
const table = randomTable("validation", 400, 4, 6);
const methods = ["platt", "isotonic"] as const;

const foretold = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom(0, 1)), { minLength: 1, maxLength: 60 })
  .map((pairs) => ({ predicted: pairs.map(([p]) => p / 20), wrong: pairs.map(([, w]) => w) }));

describe.each(methods)("%s calibration", (method) => {
  test.prop([foretold])("never falls and stays within 0 and 1", (samples) => {
    const calibrate = applyCalibrator(fitCalibrator[method](samples));
    const values = Array.from({ length: 101 }, (_, i) => calibrate(i / 100));
    values.forEach((value, i) => {
      expect(value >= 0 && value <= 1).toBe(true);
      if (i > 0) expect(value).toBeGreaterThanOrEqual(values[i - 1]);
    });
  });

  test("makes gates that know nothing right on average at each level of bits, and keeps the networks", () => {
    const calibrated = calibrateGates({ gates, table, method });
    expect(calibrated.networks).toBe(gates.networks);
    const gapOf = (of: Gates) =>
      gateReports({ gates: of, table, targets: wrongness }).flatMap(({ byBits }) =>
        byBits.map(({ meanPredicted, errorRate }) => Math.abs((meanPredicted ?? 0) - (errorRate ?? 0))),
      );
    expect(Math.max(...gapOf(gates))).toBeGreaterThan(0.1);
    expect(Math.max(...gapOf(calibrated))).toBeLessThan(0.01);
  });

  test("survives JSON text, and a second calibration replaces the first", () => {
    const calibrated = calibrateGates({ gates, table, method });
    const again = parseGates(JSON.parse(JSON.stringify(gatesToJson(calibrated))));
    const view = randomView([bits(8), bits(6)], 9, 4, 2);
    expect(again.predict(view)).toEqual(calibrated.predict(view));
    expect(again.predict(view)).not.toEqual(gates.predict(view));
    expect(calibrateGates({ gates: calibrated, table, method }).calibrations).toEqual(calibrated.calibrations);
  });

  test("of no images is refused", () => {
    expect(() => calibrateGates({ gates, table: randomTable("validation", 0, 4, 1), method })).toThrow(
      /at least one image/,
    );
  });
});

test("bits are corrected apart: only paths that end with them change", () => {
  const calibrator: Calibrator = { kind: "isotonic", at: [0.5], value: [0.125] };
  const calibrated = createGates(architecture, space, networks, [{ gate: 2, bits: bits(6), calibrator }]);
  const view = randomView([bits(8)], 3, 4, 5);
  const plain = gates.predict(view);
  const { candidates, predictedError } = calibrated.predict(view);
  for (const [at, error] of predictedError.entries()) {
    const isCorrected = candidates[at % candidates.length].at(-1) === 6;
    expect(error).toBe(isCorrected ? 0.125 : plain.predictedError[at]);
  }
});

test("predictions that have it backwards are worth the base rate", () => {
  const samples = { predicted: [0.1, 0.2, 0.8, 0.9], wrong: [1, 1, 0, 0] };
  const calibrate = applyCalibrator(fitCalibrator.platt(samples));
  for (const p of [0, 0.3, 1]) expect(calibrate(p)).toBeCloseTo(0.5, 12);
});
