import { expect, test } from "vitest";
import { describeEstimate } from "./describe-estimate.js";

const stage = { name: "collect", seconds: 7322, peakBytes: 3 * 2 ** 30, diskBytes: 5_000_000 } as const;
const rivals = { name: "rivals", seconds: null, peakBytes: 2 ** 30, diskBytes: 0 } as const;
const estimate = {
  ...{ stages: [stage, rivals], seconds: 7322, peakBytes: 3 * 2 ** 30, diskBytes: 5_000_000 },
  ...{ bytesPerImageAndPath: 4000, pathCount: 35, macsPerSecond: 21.3e9 },
};

test("time, memory and disk stand in columns, and a machine that is too small is said", () => {
  expect(describeEstimate(estimate, 2 ** 30)).toEqual([
    "estimate (21 G MACs/s in one thread, measured now; corrupted images, evaluation and the report not counted):",
    "  collect            2:02:02   3.0 GiB memory     5 MiB disk",
    "  rivals                   ?   1.0 GiB memory     0 MiB disk",
    "  together           2:02:02   3.0 GiB memory     5 MiB disk",
    "  tables: 4,000 bytes for each image and each of 35 paths",
    "  that is more memory than the 1.0 GiB of this machine",
  ]);
  expect(describeEstimate(estimate, 2 ** 32)).toHaveLength(5);
});
