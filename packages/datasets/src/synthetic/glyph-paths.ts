/** Polylines of one shape of a digit, in a box 0.6 wide and 1 high, y down: [x0, y0, x1, y1, …] each. */
export type Glyph = readonly Float64Array[];

/** Lines per Bézier curve: at 28 pixels of height a chord is off by less than a tenth of a pixel. */
const linesPerCurve = 7;
/** Distance of the control points of a quarter of a circle, 4/3·(√2 − 1). */
const quarterCircle = (4 / 3) * (Math.sqrt(2) - 1);

/**
 * Polylines of a shape: `M x y` starts a stroke, `L x y` draws a line, `C` a cubic Bézier curve, `O cx cy rx ry` a whole
 * ellipse.
 */
export function flatten(shape: string): Glyph {
  const words = shape.split(" ");
  const strokes: number[][] = [];
  for (let at = 0; at < words.length; ) {
    const command = words[at++];
    const next = () => Number(words[at++]);
    const stroke = strokes.at(-1) ?? [];
    if (command === "M") strokes.push([next(), next()]);
    else if (command === "L") stroke.push(next(), next());
    else if (command === "C") curveTo(stroke, next(), next(), next(), next(), next(), next());
    else strokes.push(ellipse(next(), next(), next(), next()));
  }
  return strokes.map((stroke) => Float64Array.from(stroke));
}

function curveTo(stroke: number[], x1: number, y1: number, x2: number, y2: number, x3: number, y3: number): void {
  const x0 = stroke[stroke.length - 2];
  const y0 = stroke[stroke.length - 1];
  for (let line = 1; line <= linesPerCurve; line++) {
    const t = line / linesPerCurve;
    const s = 1 - t;
    const [w0, w1, w2, w3] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t];
    stroke.push(w0 * x0 + w1 * x1 + w2 * x2 + w3 * x3, w0 * y0 + w1 * y1 + w2 * y2 + w3 * y3);
  }
}

function ellipse(cx: number, cy: number, rx: number, ry: number): number[] {
  const [kx, ky] = [rx * quarterCircle, ry * quarterCircle];
  const stroke = [cx + rx, cy];
  curveTo(stroke, cx + rx, cy + ky, cx + kx, cy + ry, cx, cy + ry);
  curveTo(stroke, cx - kx, cy + ry, cx - rx, cy + ky, cx - rx, cy);
  curveTo(stroke, cx - rx, cy - ky, cx - kx, cy - ry, cx, cy - ry);
  curveTo(stroke, cx + kx, cy - ry, cx + rx, cy - ky, cx + rx, cy);
  return stroke;
}
