/** From data to pixels, straight. */
export interface Scale {
  (value: number): number;
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
}

/**
 * A linear scale.
 * @param range pixels at the two ends of the domain; may run down
 */
export function linearScale(
  domain: readonly [number, number],
  range: readonly [number, number],
  tickCount: number,
): Scale {
  const [low, high] = domain;
  const perUnit = high === low ? 0 : (range[1] - range[0]) / (high - low);
  const scale = (value: number): number => range[0] + (value - low) * perUnit;
  return Object.assign(scale, { domain, ticks: ticksWithin(low, high, tickCount) });
}

/** The smallest domain with round ends that holds [low, high]; one point gets room at both sides. */
export function niceDomain(low: number, high: number, tickCount: number): readonly [number, number] {
  const span = high - low;
  const [from, to] = span > 0 ? [low, high] : [low - 0.05, high + 0.05];
  const step = niceStep(to - from, tickCount);
  return [Math.floor(from / step + 1e-9) * step, Math.ceil(to / step - 1e-9) * step];
}

/** The nearest value that the scale shows. */
export function withinDomain({ domain: [low, high] }: Scale, value: number): number {
  return Math.min(Math.max(value, low), high);
}

/** Round numbers from `low` to `high`, about `count` of them. */
export function ticksWithin(low: number, high: number, count: number): readonly number[] {
  if (!(high > low)) return [low];
  const step = niceStep(high - low, count);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Multiplied, not summed, so that errors do not add up; rounded to the decimals that the step has.
  const decimals = Math.max(0, Math.ceil(-Math.log10(step)) + 1);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toFixed(decimals)));
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(span: number, count: number): number {
  const raw = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= raw * 0.999) ?? 10;
  return factor * power;
}
