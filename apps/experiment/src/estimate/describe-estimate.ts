import { duration } from "../run/progress.js";
import type { MeasuredEstimate } from "./estimate-config.js";

/** For a person who decides whether to begin. @param memoryBytes of this machine */
export function describeEstimate(estimate: MeasuredEstimate, memoryBytes: number): readonly string[] {
  const { stages, seconds, peakBytes, diskBytes, macsPerSecond, bytesPerImageAndPath, pathCount } = estimate;
  const rate = `${(macsPerSecond / 1e9).toPrecision(2)} G MACs/s in one thread, measured now`;
  return [
    `estimate (${rate}; rivals, corrupted images and the report not counted):`,
    ...stages.map(
      (stage) =>
        `  ${stage.name.padEnd(16)}${duration(stage.seconds).padStart(10)}${size(stage.peakBytes).padStart(10)} memory${size(stage.diskBytes).padStart(10)} disk`,
    ),
    `  ${"together".padEnd(16)}${duration(seconds).padStart(10)}${size(peakBytes).padStart(10)} memory${size(diskBytes).padStart(10)} disk`,
    `  tables: ${bytesPerImageAndPath.toLocaleString("en")} bytes for each image and each of ${pathCount} paths`,
    ...(peakBytes > memoryBytes ? [`  that is more memory than the ${size(memoryBytes)} of this machine`] : []),
  ];
}

/** `512 MiB`, `1.5 GiB` */
function size(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
