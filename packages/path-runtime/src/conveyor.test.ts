import { type Action, bits, type GateView, type PathSpace, type Policy, pathKey } from "@quee/core";
import { tensor } from "@quee/tensor";
import { expect, test } from "vitest";
import { Conveyor, type Trip } from "./conveyor.js";
import { runLive } from "./run-live.js";
import { mixingPolicy } from "./testing/mixing-policy.js";
import { levels, plainNetwork, plainProbabilities } from "./testing/plain-network.js";

const space: PathSpace = { levels, exitCount: 3, order: "monotone", firstBlock: "highest" };
const count = 60;

/** The policy's actions, with the path at which it was asked. */
function tripOf(policy: Policy, signal?: AbortSignal): Trip<string> {
  const ask = (view: GateView) => policy.decide(view).map((action) => ({ action, note: pathKey(view.prefix) }));
  return signal === undefined ? { ask } : { ask, signal };
}

async function carry(
  conveyor: Conveyor<string>,
  network: ReturnType<typeof plainNetwork>,
  image: number,
  trip: Trip<string>,
) {
  await conveyor.enter();
  const { data, shape } = await network.images.batch(Int32Array.of(image));
  return conveyor.send(tensor(shape.slice(1), data), trip);
}

const everyImage = Array.from({ length: count }, (_, i) => i);

test.each([1, 7, 32])(
  "in batches of %d images go where a run of their own sends them, and answer alike",
  async (batchSize) => {
    const network = plainNetwork({ exitCount: 3, count });
    const policy = mixingPolicy(space, 23);
    const expected = await runLive({ ...network, policy, batchSize: 1 });
    const conveyor = new Conveyor<string>({ ...network, batchSize, capacity: 20 });
    const arrivals = await Promise.all(everyImage.map((i) => carry(conveyor, network, i, tripOf(policy))));
    for (const [i, { path, history, note, abstained }] of arrivals.entries()) {
      expect(path).toEqual(expected.paths[expected.pathIndex[i]]);
      for (const [j, row] of history.entries()) {
        const plain = plainProbabilities(i, path.slice(0, j + 1), count);
        for (const [k, value] of row.entries()) expect(value).toBeCloseTo(plain[k], 5);
      }
      expect(note).toBe(pathKey(path.length === 3 ? path.slice(0, -1) : path));
      expect(abstained).toBe(expected.prediction[i] === -1);
    }
    expect(Math.max(...network.calls.map((call) => call.count))).toBeLessThanOrEqual(batchSize);
  },
);

test("callers share batches: blocks run far less often than images pass", async () => {
  const network = plainNetwork({ exitCount: 3, count, workers: 1 });
  const conveyor = new Conveyor<string>(network);
  const policies = [mixingPolicy(space, 23), mixingPolicy(space, 23)];
  await Promise.all(everyImage.map((i) => carry(conveyor, network, i, tripOf(policies[i % 2]))));
  const passed = network.calls.reduce((sum, call) => sum + call.count, 0);
  expect(network.calls.length).toBeLessThan(passed / 4);
});

test("no more images are under way than there is room for", async () => {
  const network = plainNetwork({ exitCount: 3, count });
  const conveyor = new Conveyor<string>({ ...network, batchSize: 4, capacity: 5 });
  let [now, most] = [0, 0];
  await Promise.all(
    everyImage.map(async (i) => {
      await conveyor.enter();
      most = Math.max(most, ++now);
      const { data, shape } = await network.images.batch(Int32Array.of(i));
      await conveyor.send(tensor(shape.slice(1), data), tripOf(mixingPolicy(space, 23)));
      now--;
    }),
  );
  expect(most).toBe(5);
});

test("an aborted trip ends with its reason and others go on", async () => {
  const network = plainNetwork({ exitCount: 3, count });
  const conveyor = new Conveyor<string>({ ...network, batchSize: 2 });
  const stop = new AbortController();
  const aborted = everyImage
    .slice(0, 20)
    .map((i) => carry(conveyor, network, i, tripOf(mixingPolicy(space, 23), stop.signal)));
  const others = everyImage.slice(20, 30).map((i) => carry(conveyor, network, i, tripOf(mixingPolicy(space, 23))));
  await Promise.resolve();
  stop.abort(new Error("enough"));
  const ends = await Promise.allSettled(aborted);
  expect(ends.filter(({ status }) => status === "rejected").length).toBeGreaterThan(10);
  for (const end of ends) if (end.status === "rejected") expect(end.reason).toEqual(new Error("enough"));
  expect(await Promise.all(others)).toHaveLength(10);
});

test("an image that spoils its batch fails alone", async () => {
  const network = plainNetwork({ exitCount: 3, count });
  const conveyor = new Conveyor<string>(network);
  const trip = tripOf(mixingPolicy(space, 23));
  const bad = conveyor.enter().then(() => conveyor.send(tensor([1, 2, 3], new Float32Array(6).fill(Number.NaN)), trip));
  const good = everyImage.slice(0, 9).map((i) => carry(conveyor, network, i, trip));
  await expect(bad).rejects.toMatchObject({ code: "E_LOGITS", kind: "numeric" });
  expect(await Promise.all(good)).toHaveLength(9);
});

test("abstention is an arrival without an answer, and nobody may leave before block 1", async () => {
  const network = plainNetwork({ exitCount: 3, count });
  const conveyor = new Conveyor<string>(network);
  const first: Action = { kind: "continue", bits: bits(8) };
  const abstaining = ({ prefix }: GateView) => [
    { action: prefix.length === 0 ? first : ({ kind: "abstain" } as const), note: "" },
  ];
  expect(await carry(conveyor, network, 0, { ask: abstaining })).toMatchObject({ abstained: true, path: [8] });
  const leaving = () => [{ action: { kind: "exit" } as const, note: "" }];
  await expect(carry(conveyor, network, 0, { ask: leaving })).rejects.toMatchObject({
    expected: "bits for block 1",
    got: "exit",
  });
});
