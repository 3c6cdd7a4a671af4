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
} from "@quee/ptq4vit-quantizer";
import { bench, describe } from "vitest";
import { calibration, isThere } from "./calibration.bench-helper.js";

const widths = [8, 7, 6, 5].map(bits);

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Both searches in turn at each site and bit-width, so that a busy moment of the machine hits both. */
async function compare(): Promise<void> {
  const { blocks, batches } = await calibration(32);
  const multiplier = await openMultiplier();
  const seconds = { capture: -cpuSeconds(), fast: 0, exhaustive: 0 };
  const captured = [];
  const options = { blocks, batches, gradient: "ce-pseudo", labels: null, memoryBytes: 2 ** 31 } as const;
  for await (const group of captureSites(options)) captured.push(...group);
  seconds.capture += cpuSeconds();
  let choices = 0;
  let different = 0;
  const timed = async (what: "fast" | "exhaustive", search: () => Promise<SiteChoice>) => {
    const start = cpuSeconds();
    const { history } = await search();
    seconds[what] += cpuSeconds() - start;
    return history.flatMap(({ indices }) => indices);
  };
  for (const one of captured) {
    const quantizer = one.site.postGelu ? postGelu : one.site.postSoftmax ? postSoftmax : uniform;
    const graph = blocks[one.block]?.graph;
    if (graph === undefined) continue;
    const site = siteOfCapture(graph, one, quantizer);
    for (const width of widths) {
      const fast = await timed("fast", () => searchScales(site, width, { multiplier }));
      const all = await timed("exhaustive", () => searchScalesExhaustively(site, width, { multiplier }));
      choices += all.length;
      different += all.filter((index, i) => index !== fast[i]).length;
    }
    console.log(
      `${one.site.role}: so far fast ${seconds.fast.toFixed(1)} s, exhaustive ${seconds.exhaustive.toFixed(1)} s`,
    );
  }
  await multiplier.release();
  const ratio = (seconds.exhaustive / seconds.fast).toFixed(1);
  console.log(
    `${captured.length} sites at ${widths.join(", ")} bits, 32 images, one thread, seconds of cpu: capture ${seconds.capture.toFixed(1)}, ` +
      `search ${seconds.fast.toFixed(1)}, exhaustive ${seconds.exhaustive.toFixed(1)} (${ratio}x); ` +
      `${different} of ${choices} choices of all rounds differ`,
  );
}

// A comparison is one sample: vitest's own loop would time the searches apart, not in turn.
const once = { iterations: 1, warmupIterations: 0, time: 0, warmupTime: 0 };

describe.skipIf(!isThere)("scale search, T2T-ViT-7", () => {
  bench("early abandoning against exhaustive", compare, once);
});
