import { expect, test } from "vitest";
import { configsFolder } from "../bundled.js";
import { bundledConfigs, loadConfig } from "./load-config.js";

// Tables 2 and 3 of the paper, appendix 7.1.4. Its row of ImageNet with T2T-ViT-14 has no K; K = 40 is that of ImageNet with ViT-S/14.
test.each([
  {
    name: "svhn-t2t-vit-7",
    edge: null,
    heads: 10,
    levels: [5, 6, 7],
    batch: 512,
    exits: [2, 4, 7],
    count: 70,
    gates: 10,
    hidden: 16,
  },
  {
    name: "cifar100-t2t-vit-14",
    edge: 224,
    heads: 20,
    levels: [6, 8],
    batch: 128,
    exits: [5, 7, 11, 14],
    count: 70,
    gates: 20,
    hidden: 32,
  },
  {
    name: "imagenet-t2t-vit-14",
    edge: 224,
    heads: 20,
    levels: [6, 8],
    batch: 128,
    exits: [5, 7, 11, 14],
    count: 40,
    gates: 20,
    hidden: 32,
  },
  // 256 is no multiple of the patch of 14: the centre of 252 pixels.
  {
    name: "imagenet-dinov2-vit-s-14",
    edge: 252,
    heads: 20,
    levels: [6, 7, 8],
    batch: 128,
    exits: [4, 6, 8, 10, 12],
    count: 40,
    gates: 20,
    hidden: 32,
  },
])(
  "$name is the setting of the paper's tables",
  ({ name, edge, heads, levels, batch, exits, count, gates, hidden }) => {
    const { config } = loadConfig(name, [], configsFolder);
    expect(config).toMatchObject({
      exits,
      calibration: { images: 128 },
      quantizer: { method: "ptq4vit", compatibility: "paper" },
      heads: { maxEpochs: heads, batchSize: batch, learningRate: 1e-3, weightDecay: 1e-4 },
      clusters: { count, restarts: 10, initialization: "random" },
      gates: { maxEpochs: gates, batchSize: batch, learningRate: 1e-3, weightDecay: 1e-4, embedding: 8, hidden },
      paths: { order: "monotone" },
    });
    expect([...config.levels].sort()).toEqual(levels);
    expect(config.clusters.images).toBe(name.startsWith("imagenet") ? 600 : undefined);
    const { preprocessing } = config.backbone;
    const size = preprocessing?.crop_size ?? preprocessing?.size ?? null;
    expect(size).toEqual(edge === null ? null : { height: edge, width: edge });
  },
);

// Section 7.1.3.
test.each([
  ["svhn-t2t-vit-7", { validation: { fromTrain: 5000 } }],
  ["cifar100-t2t-vit-14", { validation: { fromTrain: 5000 } }],
  ["cifar-dinov2-vit-s-14", { validation: { fromTrain: 5000 } }],
  ["imagenet-t2t-vit-14", { train: { images: 1_100_000 }, validation: { fromTrain: 50_000 }, test: { folder: "val" } }],
  ["imagenet-dinov2-vit-s-14", { train: { images: 1_100_000 }, validation: { fromTrain: 50_000 } }],
])("%s keeps back as many images as the paper", (name, dataset) => {
  expect(loadConfig(name, [], configsFolder).config.dataset).toMatchObject(dataset);
});

test("ViT-S/14 sees CIFAR at 70×70", () => {
  const { preprocessing } = loadConfig("cifar-dinov2-vit-s-14", [], configsFolder).config.backbone;
  expect(preprocessing?.size).toEqual({ height: 70, width: 70 });
});

test("every config that comes with the application loads, its trainings too", () => {
  for (const name of bundledConfigs(configsFolder)) {
    expect(loadConfig(name, [], configsFolder, { keepTraining: true }).config.name).toBe(name);
  }
});
