/**
 * Answers for the items of a source, in their order, as soon as they are there. At most `limit` items are read and not yet taken by
 * the reader: a slow reader slows the source. Whoever stops reading closes the source.
 */
export async function* inOrder<Item, Answer>(
  source: Iterable<Item> | AsyncIterable<Item>,
  limit: number,
  answerTo: (item: Item, index: number) => Promise<Answer>,
): AsyncGenerator<Answer, void, undefined> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const underWay: Promise<Answer>[] = [];
  let reading: Promise<IteratorResult<Item>> | null = null;
  let [index, isOver] = [0, false];
  try {
    for (;;) {
      if (reading === null && !isOver && underWay.length < limit) {
        reading = Promise.resolve(iterator.next());
        quiet(reading);
      }
      const [first] = underWay;
      if (reading === null && first === undefined) return;
      const isRead = await Promise.race([
        ...(reading === null ? [] : [reading.then(() => true)]),
        ...(first === undefined ? [] : [first.then(() => false)]),
      ]);
      if (isRead && reading !== null) {
        const item: IteratorResult<Item> = await reading;
        reading = null;
        if (item.done === true) isOver = true;
        else underWay.push(quiet(answerTo(item.value, index++)));
      } else if (first !== undefined) {
        yield await first;
        underWay.shift();
      }
    }
  } finally {
    if (!isOver) await iterator.return?.();
  }
}

/** Its failure is thrown where it is awaited; without a listener until then it would end the program. */
function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined);
  return promise;
}
