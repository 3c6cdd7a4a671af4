/** Passes a stream on until a signal ends it, with the signal's reason and at once: not when the next item has come. */
export async function* unlessAborted<Item>(
  stream: AsyncGenerator<Item, void, undefined>,
  signal: AbortSignal,
): AsyncGenerator<Item, void, undefined> {
  let fail: (reason: unknown) => void = () => undefined;
  const stop = () => fail(signal.reason);
  signal.addEventListener("abort", stop);
  try {
    for (;;) {
      signal.throwIfAborted();
      // A promise of its own for every item: one that lives as long as the signal would remember every race that it was in.
      const next = await new Promise<IteratorResult<Item, void>>((resolve, reject) => {
        fail = reject;
        stream.next().then(resolve, reject);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", stop);
    // It may be waiting for an item: nobody waits for its end.
    stream.return().catch(() => undefined);
  }
}
