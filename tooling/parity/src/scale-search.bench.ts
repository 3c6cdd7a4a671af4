import { bits } from "@quee/core";
import {
  captureSites,
  openMultiplier,
  postGelu,
  postSoftmax,
  type SiteChoice,
  searchScales,
  searchScalesExhaustively,
  siteOfCapture,
  uniform,
  wholeNetwork,
} from "@quee/ptq4vit-quantizer";
import { compareVariants, oneSample } from "@quee/tooling-testing";
import { bench, describe } from "vitest";
import { backbone } from "./backbone.bench.helper.js";

const count = 32;
const width = bits(6);
/** One of the middle; its six products are of all kinds. */
const layer = 4;

async function compare(): Promise<void> {
  const batches = await backbone.batches(count);
  const block = wholeNetwork(backbone.graph());
  const ofLayer = { ...block, sites: block.sites.filter((site) => site.layer === layer) };
  const multiplier = await openMultiplier();
  const sites: ReturnType<typeof siteOfCapture>[] = [];
  const options = { batches: () => batches, gradient: "ce-pseudo", labels: null, memoryBytes: 2 ** 30 } as const;
  for await (const group of captureSites({ ...options, blocks: [ofLayer] })) {
    for (const one of group) {
      const quantizer = one.site.postGelu ? postGelu : one.site.postSoftmax ? postSoftmax : uniform;
      sites.push(siteOfCapture(block.graph, one, quantizer));
    }
  }
  const choices = new Map<typeof searchScales, readonly (number | null)[]>();
  const searchAll = async (search: typeof searchScales) => {
    const found: SiteChoice[] = [];
    for (const site of sites) found.push(await search(site, width, { multiplier }));
    choices.set(
      search,
      found.flatMap(({ history }) => history.flatMap(({ indices }) => indices)),
    );
  };
  await compareVariants(
    {
      ...{ part: "scale search", rounds: 3 },
      work: `${sites.length} products of layer ${layer} of ${backbone.name} at ${width} bits, ${count} images`,
    },
    {
      "every candidate on every row": () => searchAll(searchScalesExhaustively),
      "given up early": () => searchAll(searchScales),
    },
  );
  await multiplier.release();
  const [all = [], early = []] = [choices.get(searchScalesExhaustively), choices.get(searchScales)];
  const different = all.filter((index, i) => index !== early[i]).length;
  console.log(`${different} of ${all.length} choices of all rounds differ`);
}

describe("scale search of PTQ4ViT, one thread", () => {
  bench(backbone.name, compare, oneSample);
});
