/** Does `work` for 0 … count − 1, at most `width` at a time; the first failure ends it once all under way have ended. */
export async function inParallel(count: number, width: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  let failure: { readonly cause: unknown } | undefined;
  const worker = async () => {
    while (next < count && failure === undefined) {
      try {
        await work(next++);
      } catch (cause) {
        failure ??= { cause };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
  if (failure !== undefined) throw failure.cause;
}
