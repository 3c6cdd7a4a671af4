import { float, type Graph, GraphBuilder, scalar } from "@quee/onnx-graph";
import { truncatedNormal } from "./weights.js";

/**
 * Writes a network with fresh weights. What it names `….weight`, `….bias` or `….embedding` is trainable; everything else it
 * puts into the graph is a constant of the architecture.
 */
export class NetworkWriter {
  readonly builder: GraphBuilder;
  readonly seed: number;
  readonly #scalars = new Map<string, string>();

  constructor(name: string, seed: number) {
    this.builder = new GraphBuilder(name);
    this.seed = seed;
  }

  /** A trainable tensor drawn from the truncated normal. */
  parameter(name: string, shape: readonly number[]): string {
    const count = shape.reduce((product, dim) => product * dim, 1);
    return this.builder.tensor(name, shape, truncatedNormal(count, this.seed, name));
  }

  /** A scalar constant; the same name is the same constant. */
  scalar(name: string, value: number): string {
    const known = this.#scalars.get(name);
    if (known !== undefined) return known;
    const made = this.builder.initializer(name, scalar(value));
    this.#scalars.set(name, made);
    return made;
  }

  /** x·W + b on the last axis. @param x [..., from] @returns [..., to] */
  linear(name: string, x: string, from: number, to: number, { bias = true, output = name } = {}): string {
    const weight = this.parameter(`${name}.weight`, [from, to]);
    if (!bias) return this.builder.matMul(x, weight, output);
    const product = this.builder.matMul(x, weight, `${name}.product`);
    return this.builder.plus(product, this.builder.tensor(`${name}.bias`, [to], new Float32Array(to)), output);
  }

  /** Equal parts of the last axis. @param x [B, T, parts·width] @returns [B, T, width] each */
  split(name: string, x: string, width: number, parts: readonly string[]): readonly string[] {
    const sizes = this.builder.int64(parts.map(() => width));
    const to = parts.map((part) => `${name}.${part}`);
    return this.builder.addMany("Split", [x, sizes], parts.length, { axis: -1 }, to);
  }

  /** @param x [..., width] */
  layerNorm(name: string, x: string, width: number, epsilon: number): string {
    const weight = this.builder.tensor(`${name}.weight`, [width], new Float32Array(width).fill(1));
    const bias = this.builder.tensor(`${name}.bias`, [width], new Float32Array(width));
    return this.builder.add("LayerNormalization", [x, weight, bias], { axis: -1, epsilon: float(epsilon) }, name);
  }

  /** ½·x·(1 + erf(x/√2)), in the order of operators that onnxruntime fuses to one. */
  gelu(name: string, x: string): string {
    const { builder } = this;
    const erf = builder.add("Erf", [builder.over(x, this.scalar("square_root_of_two", Math.SQRT2))]);
    const gated = builder.times(x, builder.plus(erf, this.scalar("one", 1)));
    return builder.times(gated, this.scalar("half", 0.5), name);
  }

  /** fc2(GELU(fc1(x))). @param x [B, T, width] */
  mlp(name: string, x: string, width: number, hidden: number): string {
    const expanded = this.linear(`${name}.fc1`, x, width, hidden);
    return this.linear(`${name}.fc2`, this.gelu(`${name}.gelu`, expanded), hidden, width);
  }

  build(): Graph {
    return this.builder.build();
  }
}
