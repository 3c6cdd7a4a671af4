import { type OperatingPoint, upperEnvelope } from "@quee/metrics";
import { summarize } from "@quee/path-tables";
import type { Pays, Rival, RivalInputs, RivalSetting } from "./rival.js";

/** A setting and what it gives on validation images, as fractions. */
export interface RivalPoint extends RivalSetting, OperatingPoint {
  /** No other setting is both cheaper and better on validation images: the ones to report on test images. */
  readonly chosen: boolean;
}

export interface FittedRival extends Pick<Rival, "name" | "role" | "parameter"> {
  readonly pays: Pays;
  /** Trainings of a network that all points together took. */
  readonly trainings: number;
  /** By rising cost on validation images. */
  readonly points: readonly RivalPoint[];
}

/**
 * Fits a rival and measures every setting on validation images, under the costs that it pays. Test images are not asked: the
 * inputs hold none. The event loop runs between two settings.
 */
export async function fitRival(rival: Rival, inputs: RivalInputs): Promise<FittedRival> {
  const { pays, trainings, settings } = await rival.fit(inputs);
  const costs = inputs.costs(pays);
  const { validation, signal } = inputs;
  const measured: Omit<RivalPoint, "chosen">[] = [];
  for (const setting of settings) {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    const { top1, cost } = summarize(setting.replay(validation), validation, costs);
    measured.push({ ...setting, top1, cost });
  }
  const best = new Set(upperEnvelope(measured));
  const points = measured.map((point) => ({ ...point, chosen: best.has(point) })).sort((a, b) => a.cost - b.cost);
  const { name, role, parameter } = rival;
  return { name, role, parameter, pays, trainings, points };
}
