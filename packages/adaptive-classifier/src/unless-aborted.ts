/** Passes a stream on until a signal ends it, with the signal's reason and at once: not when the next item has come. */
export async function* unlessAborted<Item>(
  stream: AsyncGenerator<Item, void, undefined>,
  signal: AbortSignal,
): AsyncGenerator<Item, void, undefined> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  aborted.catch(() => undefined);
  try {
    signal.throwIfAborted();
    for (;;) {
      const next = await Promise.race([stream.next(), aborted]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    // It may be waiting for an item: nobody waits for its end.
    stream.return().catch(() => undefined);
  }
}
