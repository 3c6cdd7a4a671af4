import type { Bits } from "@quee/core";
import { type Constant, constant, type GraphBuilder, type Node, scalar } from "@quee/onnx-graph";
import type { OperandEncoding } from "../encodings.js";
import { postGelu } from "../quantizers/post-gelu-quantizer.js";
import { codeBound } from "../quantizers/quantizer.js";
import type { CodeRegion } from "./code-regions.js";

/** Codes in a uint8 value: x = (code − zero)·Δ. */
export interface Codes {
  readonly value: string;
  readonly zero: number;
  readonly steps: readonly number[];
}

/** Writes codes of activations, each once. */
export class ActivationCodes {
  readonly #builder: GraphBuilder;
  readonly #names: (stem: string) => string;
  readonly #regions: ReadonlyMap<string, CodeRegion>;
  /** Values that movements make of codes. */
  readonly #moved: ReadonlyMap<string, CodeRegion>;
  readonly #written = new Map<string, string>();

  constructor(builder: GraphBuilder, names: (stem: string) => string, regions: readonly CodeRegion[]) {
    this.#builder = builder;
    this.#names = names;
    this.#regions = new Map(regions.map((region) => [region.root, region]));
    const movements = regions.flatMap((region) => region.movements.map((node) => [node, region] as const));
    this.#moved = new Map(movements.flatMap(([node, region]) => node.outputs.map((name) => [name, region] as const)));
  }

  /** Steps of the columns of a linear layer that hands on codes; null where it hands on floats. */
  columnSteps(output: string): readonly number[] | null {
    const region = this.#regions.get(output);
    return region === undefined || region.steps.length === 1 ? null : region.steps;
  }

  /** A movement that moves codes where its region says so. */
  moved(node: Node): Node {
    const region = this.#moved.get(node.outputs[0]);
    if (region === undefined) return node;
    const [data, ...rest] = node.inputs;
    return { ...node, inputs: [data === region.root ? this.#codesOfRoot(region) : data, ...rest] };
  }

  /** Codes of a uniformly quantized operand; one step, or one per head. */
  of({ value, scales, axis }: OperandEncoding, bits: Bits): Codes {
    const zero = codeBound(bits);
    const region = this.#regions.get(value);
    if (region !== undefined) return { value: this.#codesOfRoot(region), zero, steps: scales };
    if (this.#moved.has(value)) return { value, zero, steps: scales };
    return { value: this.#quantize(value, scales, axis, bits), zero, steps: scales };
  }

  /**
   * The positive and the negative part of what comes out of a GELU: of each x one code is zero. Saturation at 0 cuts off the other
   * sign; with zero points 0 and Q both parts stay within −Q … Q − 1.
   */
  twins({ value, scales }: OperandEncoding, bits: Bits): readonly [positive: Codes, negative: Codes] {
    const bound = codeBound(bits);
    const part = (side: string, step: number, zero: number, most: number) => {
      const codes = this.#once(`${value}_${bits}bit_${side}`, [step], (name) => {
        const inputs = [value, this.float(step), this.byte(zero)];
        const wide = this.#builder.add("QuantizeLinear", inputs, {}, this.#names(`${name}_wide`));
        return this.#builder.add("Clip", [wide, "", this.byte(most)], {}, this.#names(name));
      });
      return { value: codes, zero, steps: [step] };
    };
    return [
      part("positive", scales[0], 0, bound - 1),
      part("negative", postGelu.fixedScale(bits) as number, bound, bound),
    ];
  }

  /** Steps and zero points as (De)QuantizeLinear takes them: one for all, or one per place on an axis. */
  scaling(
    steps: readonly number[],
    zero: number,
    axis: number | null,
  ): { readonly inputs: readonly string[]; readonly attributes: Readonly<Record<string, number>> } {
    if (steps.length === 1 || axis === null) return { inputs: [this.float(steps[0]), this.byte(zero)], attributes: {} };
    const dims = [steps.length];
    const zeros = new Uint8Array(steps.length).fill(zero);
    const rows = [
      this.#constant("steps", steps, constant(dims, Float32Array.from(steps))),
      this.#constant("zeros", [zero, steps.length], { dtype: "uint8", dims, data: zeros }),
    ];
    return { inputs: rows, attributes: { axis } };
  }

  /** Name of a uint8 scalar. */
  byte(value: number): string {
    return this.#constant("byte", [value], { dtype: "uint8", dims: [], data: Uint8Array.of(value) });
  }

  /** Name of a float32 scalar. */
  float(value: number): string {
    return this.#constant("step", [value], scalar(value));
  }

  #codesOfRoot({ root, bits, steps }: CodeRegion): string {
    // A linear layer with a step per column makes the value in steps already.
    return this.#quantize(root, steps.length === 1 ? steps : [1], null, bits);
  }

  /**
   * The zero point Q = 2^(b−1) lets QuantizeLinear saturate at −Q by itself. At the other end it does so at 8 bits only, and fewer
   * bits take a Clip of the bytes.
   */
  #quantize(value: string, steps: readonly number[], axis: number | null, bits: Bits): string {
    return this.#once(`${value}_${bits}bit_codes`, [...steps, axis], (name) => {
      const { inputs, attributes } = this.scaling(steps, codeBound(bits), axis);
      const to = this.#names(bits === 8 ? name : `${name}_wide`);
      const wide = this.#builder.add("QuantizeLinear", [value, ...inputs], attributes, to);
      if (bits === 8) return wide;
      return this.#builder.add("Clip", [wide, "", this.byte(2 * codeBound(bits) - 1)], {}, this.#names(name));
    });
  }

  #once(name: string, parameters: readonly unknown[], write: (name: string) => string): string {
    const key = JSON.stringify([name, parameters]);
    const written = this.#written.get(key) ?? write(name);
    this.#written.set(key, written);
    return written;
  }

  #constant(stem: string, parameters: readonly number[], value: Constant): string {
    return this.#once(stem, parameters, (name) => this.#builder.initializer(this.#names(name), value));
  }
}
