/** Seconds, processor seconds and peak memory of a stage. */
export interface StageCost {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

/** Starts to watch; the answer stops. Memory is sampled, since the kernel's own peak is that of the whole process. */
export function watchStage(): () => StageCost {
  const begun = performance.now();
  const cpu = process.cpuUsage();
  let peakRssBytes = process.memoryUsage.rss();
  const sample = () => {
    peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
  };
  const timer = setInterval(sample, 100);
  timer.unref();
  return () => {
    clearInterval(timer);
    sample();
    const { user, system } = process.cpuUsage(cpu);
    return { seconds: (performance.now() - begun) / 1000, cpuSeconds: (user + system) / 1e6, peakRssBytes };
  };
}
