import { expect, test } from "vitest";
import { analyzeVit } from "./anatomy.js";
import { attachHead } from "./attach-head.js";
import { cutBlocks } from "./cut-blocks.js";
import { exportedVit, plain } from "./exported-vit.test.fixture.js";
import type { Site } from "./site.js";
import { quantizableSites } from "./sites.js";

const layerRoles = ["qkv", "scores", "context", "projection", "fc1", "fc2"];
const roles = (sites: readonly Site[]) => sites.map(({ role }) => role);

test("a plain ViT has its patch embedding, six sites per layer, and the head", () => {
  const sites = quantizableSites(exportedVit(plain));
  expect(roles(sites)).toEqual(["patch-embedding", ...layerRoles, ...layerRoles, "head"]);
  expect(sites[0]).toMatchObject({ kind: "conv", activations: ["pixel_values"], weightLayout: "out-in" });
  expect(sites.map(({ layer }) => layer)).toEqual([null, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, null]);
  expect(sites.at(-1)).toMatchObject({ role: "head", weightLayout: "out-in", output: "logits" });
});

test("twin ranges are asked for behind the GELU and the softmax, and nowhere else", () => {
  for (const site of quantizableSites(exportedVit(plain))) {
    expect(site.postGelu).toBe(site.role === "fc2");
    expect(site.postSoftmax).toBe(site.role === "context");
  }
});

test("stacked queries, keys and values take three scales, separate ones one each", () => {
  const groups = (qkv: "stacked" | "separate") =>
    quantizableSites(exportedVit({ ...plain, qkv, depth: 1 }))
      .filter(({ role }) => role === "qkv")
      .map((site) => site.groups);
  expect(groups("stacked")).toEqual([3]);
  expect(groups("separate")).toEqual([1, 1, 1]);
});

test("a token transformer's attention is stem, its unfolding is no site", () => {
  const sites = quantizableSites(exportedVit({ ...plain, stem: "token-transformer", depth: 1 }));
  expect(roles(sites)).toEqual(["stem-linear", "scores", "context", "stem-linear", ...layerRoles, "head"]);
  expect(sites.slice(0, 4).every(({ layer }) => layer === null)).toBe(true);
  expect(sites[0]?.groups).toBe(3);
});

test("the bias belongs to its site, and the output is behind it", () => {
  const graph = exportedVit(plain);
  for (const site of quantizableSites(graph).filter(({ kind, role }) => kind === "linear" && role !== "head")) {
    const add = graph.nodes.find(({ outputs }) => outputs[0] === site.output);
    expect(add?.op).toBe("Add");
    expect(add?.inputs).toContain(site.bias);
  }
});

test("blocks and the head on them have the sites of the whole, once each", () => {
  const whole = exportedVit({ ...plain, depth: 3 });
  const anatomy = analyzeVit(whole);
  const blocks = cutBlocks(whole, anatomy, [2, 3]);
  const perBlock = blocks.map(({ graph }) => roles(quantizableSites(graph)));
  expect(perBlock).toEqual([["patch-embedding", ...layerRoles, ...layerRoles], layerRoles]);
  const withHead = quantizableSites(attachHead(blocks[1]!, anatomy.head));
  expect(roles(withHead)).toEqual([...layerRoles, "head"]);
  expect(withHead.every(({ layer, role }) => layer === (role === "head" ? null : 1))).toBe(true);
});
