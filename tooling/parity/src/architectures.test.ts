import { breakdownOf } from "@quee/cost-model";
import { sizeOf } from "@quee/tensor";
import { type ArchitectureName, buildArchitecture, parameterNames } from "@quee/vit-architectures";
import { analyzeVit } from "@quee/vit-blocks";
import { expect, test } from "vitest";

/** Multiply-accumulates at 224×224 and parameters with 1000 classes, as the papers print them. */
test.each<[ArchitectureName, macsG: string, parametersM: string]>([
  // T2T-ViT (arXiv 2101.11986): "MACs (G)" and "Params (M)".
  ["t2t-vit-7", "1.1", "4.3"],
  ["t2t-vit-14", "4.8", "21.5"],
  // DeiT (arXiv 2012.12877) and timm: 1.3, 4.6 and 17.6 GMACs.
  ["vit-tiny-16", "1.3", "5.7"],
  ["vit-small-16", "4.6", "22.1"],
  ["vit-base-16", "17.6", "86.6"],
])("%s costs its published %s G and has its published %s M parameters", (name, macsG, parametersM) => {
  const graph = buildArchitecture(name, { imageSize: 224, classCount: 1000, seed: 1 });
  const anatomy = analyzeVit(graph);
  expect((breakdownOf(graph, anatomy).total / 1e9).toFixed(1)).toBe(macsG);
  const parameters = parameterNames(graph).reduce((sum, each) => sum + sizeOf(graph.initializers.get(each)!.dims), 0);
  expect((parameters / 1e6).toFixed(1)).toBe(parametersM);
});

test("DINOv2's ViT-S/14 at 252×252 has 325 tokens, LayerScale on both branches and a head on 768 features", () => {
  const graph = buildArchitecture("dinov2-vit-small-14", { imageSize: 252, classCount: 1000, seed: 1 });
  const anatomy = analyzeVit(graph);
  expect(anatomy).toMatchObject({ tokens: 325, width: 384, heads: 6, featureWidth: 768, classCount: 1000 });
  expect(anatomy.layers).toHaveLength(12);
  expect(parameterNames(graph).filter((name) => /\.scale[12]\.weight$/.test(name))).toHaveLength(24);
});
