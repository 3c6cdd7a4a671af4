import { duration } from "../run/progress.js";
import { bytesInWords } from "./bytes-in-words.js";
import type { MeasuredEstimate } from "./estimate-config.js";

/** For a person who decides whether to begin. @param memoryBytes of this machine */
export function describeEstimate(estimate: MeasuredEstimate, memoryBytes: number): readonly string[] {
  const { stages, seconds, peakBytes, diskBytes, macsPerSecond, bytesPerImageAndPath, pathCount } = estimate;
  const rate = `${(macsPerSecond / 1e9).toPrecision(2)} G MACs/s in one thread, measured now`;
  return [
    `estimate (${rate}; corrupted images, evaluation and the report not counted):`,
    ...stages.map(
      (stage) =>
        `  ${stage.name.padEnd(16)}${time(stage.seconds).padStart(10)}${bytesInWords(stage.peakBytes).padStart(10)} memory${bytesInWords(stage.diskBytes).padStart(10)} disk`,
    ),
    `  ${"together".padEnd(16)}${duration(seconds).padStart(10)}${bytesInWords(peakBytes).padStart(10)} memory${bytesInWords(diskBytes).padStart(10)} disk`,
    `  tables: ${bytesPerImageAndPath.toLocaleString("en")} bytes for each image and each of ${pathCount} paths`,
    ...(peakBytes > memoryBytes ? [`  that is more memory than the ${bytesInWords(memoryBytes)} of this machine`] : []),
  ];
}

/** `?` where nobody knows: how long rivals train depends on when they stop. */
function time(seconds: number | null): string {
  return seconds === null ? "?" : duration(seconds);
}
