/**
 * Answers for the items of a source, in their order, as soon as they are there. At most `limit` items are read and not yet taken by
 * the reader: a slow reader slows the source. Whoever stops reading closes the source.
 */
export function inOrder<Item, Answer>(
  source: Iterable<Item> | AsyncIterable<Item>,
  limit: number,
  answerTo: (item: Item, index: number) => Promise<Answer>,
): AsyncGenerator<Answer, void, undefined> {
  return Symbol.asyncIterator in source ? ofStream(source, limit, answerTo) : ofItemsAtHand(source, limit, answerTo);
}

/** Where items need not be waited for, no promises race for each. */
async function* ofItemsAtHand<Item, Answer>(
  source: Iterable<Item>,
  limit: number,
  answerTo: (item: Item, index: number) => Promise<Answer>,
): AsyncGenerator<Answer, void, undefined> {
  const underWay: Promise<Answer>[] = [];
  let index = 0;
  for (const item of source) {
    underWay.push(quiet(answerTo(item, index++)));
    if (underWay.length === limit) yield underWay.shift() as Promise<Answer>;
  }
  yield* underWay;
}

async function* ofStream<Item, Answer>(
  source: AsyncIterable<Item>,
  limit: number,
  answerTo: (item: Item, index: number) => Promise<Answer>,
): AsyncGenerator<Answer, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
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
