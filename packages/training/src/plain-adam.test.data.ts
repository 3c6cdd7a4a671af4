interface PlainSettings {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  readonly decoupled?: boolean;
  /** Only parameters before this index decay. */
  readonly decaysUntil?: number;
}

/** Adam in float64, one number after the other: Kingma and Ba (arXiv 1412.6980), algorithm 1, as it is printed. */
export function plainAdam(start: Float64Array, settings: PlainSettings) {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, decoupled = false } = settings;
  const { decaysUntil = start.length } = settings;
  const theta = start.slice();
  const m = new Float64Array(start.length);
  const v = new Float64Array(start.length);
  let t = 0;
  const update = (gradient: Float64Array, learningRate: number): void => {
    t++;
    for (let i = 0; i < theta.length; i++) {
      const decay = i < decaysUntil ? weightDecay * theta[i] : 0;
      const g = gradient[i] + (decoupled ? 0 : decay);
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      const mHat = m[i] / (1 - beta1 ** t);
      const vHat = v[i] / (1 - beta2 ** t);
      theta[i] -= learningRate * (mHat / (Math.sqrt(vHat) + epsilon) + (decoupled ? decay : 0));
    }
  };
  return { theta, update };
}
