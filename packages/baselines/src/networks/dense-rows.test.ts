import { test as propertyTest } from "@fast-check/vitest";
import { randomStream, tensor } from "@quee/tensor";
import fc from "fast-check";
import { expect } from "vitest";
import { denseRows } from "./dense-rows.js";

propertyTest.prop([
  fc.integer(),
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 0, max: 9 }),
  fc.integer({ min: 1, max: 11 }),
])("every output is its bias and then its products in order, added in float64", (seed, count, width, outputs) => {
  const random = randomStream(seed, "dense rows");
  const normals = (size: number) => Float32Array.from({ length: size }, () => random.normal());
  const [x, weight, bias] = [normals(count * width), normals(width * outputs), normals(outputs)];
  const expected = Float32Array.from({ length: count * outputs }, (_, at) => {
    const [i, k] = [Math.floor(at / outputs), at % outputs];
    let sum = bias[k];
    for (let f = 0; f < width; f++) sum += x[i * width + f] * weight[f * outputs + k];
    return sum;
  });
  const y = denseRows(tensor([count, width], x), tensor([width, outputs], weight), tensor([outputs], bias));
  expect(y).toEqual({ shape: [count, outputs], data: expected });
});
