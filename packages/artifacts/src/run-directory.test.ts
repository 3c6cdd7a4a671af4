import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openEventLog } from "./event-log.js";
import { readJson } from "./json-files.js";
import { openRunDirectory, statusSchema } from "./run-directory.js";
import { failureOf, program, temporaryFolder } from "./temporary-folder.test.data.js";

const event = (type: string) => ({ ts: "2026-01-01T00:00:00Z", type });
const linesOf = (file: string): unknown[] =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("events keep the order of their calls and count on when the log is opened again", async () => {
  const file = join(temporaryFolder(onTestFinished), "events.jsonl");
  const first = await openEventLog(file);
  await Promise.all(Array.from({ length: 50 }, (_, i) => first.append({ ...event("metric"), data: { i } })));
  await first.close();
  const second = await openEventLog(file);
  expect(second.earlierEvents).toBe(50);
  await second.append({ ...event("stage.start"), stage: "collect" });
  await second.close();
  const lines = linesOf(file);
  expect(lines).toHaveLength(51);
  expect(lines.map((line) => (line as { seq: number }).seq)).toEqual(Array.from({ length: 51 }, (_, i) => i));
  expect(lines[50]).toEqual({ v: 1, seq: 50, stage: "collect", ts: "2026-01-01T00:00:00Z", type: "stage.start" });
});

test("a last line that a killed run left half-written is cut off, whatever its length", async () => {
  const whole = '{"seq":0,"ts":"ü","type":"a","v":1}\n';
  const half = '{"seq":1,"ts":"ü","type":"b"';
  for (let length = 0; length <= half.length; length++) {
    const file = join(temporaryFolder(onTestFinished), "events.jsonl");
    writeFileSync(file, whole + half.slice(0, length));
    const log = await openEventLog(file);
    await log.append(event("resume"));
    await log.close();
    expect(linesOf(file)).toEqual([
      { seq: 0, ts: "ü", type: "a", v: 1 },
      { seq: 1, ...event("resume"), v: 1 },
    ]);
  }
});

test("an event after closing is a bug, and a value that JSON cannot hold is refused without a line", async () => {
  const file = join(temporaryFolder(onTestFinished), "events.jsonl");
  const log = await openEventLog(file);
  const wrong = { ...event("metric"), data: { loss: Number.NaN } };
  expect(await failureOf(() => log.append(wrong))).toMatchObject({ where: "data.loss" });
  await log.append(event("metric"));
  await log.close();
  await log.close();
  expect(await failureOf(() => log.append(event("late")))).toMatchObject({ expected: "an open log" });
  expect(linesOf(file)).toEqual([{ ...event("metric"), seq: 0, v: 1 }]);
});

test("a run directory is created, locked, cleaned of temporary files, and free after closing", async () => {
  const path = join(temporaryFolder(onTestFinished), "runs", "a");
  mkdirSync(join(path, "figures"), { recursive: true });
  const temporary = ".a.svg.0b5c3e52-6d5f-4a0c-9d7c-1f2e3d4c5b6a.tmp";
  writeFileSync(join(path, temporary), "");
  writeFileSync(join(path, "figures", temporary), "");
  const run = await openRunDirectory(path, program(1));
  expect(await failureOf(() => openRunDirectory(path, program(2, [1])))).toMatchObject({ kind: "busy" });
  await run.events.append(event("run.start"));
  await run.writeStatus({ state: "running", stage: "collect", message: null, updatedAt: "now" });
  expect((await readJson(join(path, "status.json"), statusSchema)).state).toBe("running");
  await run.close();
  expect(readdirSync(path).sort()).toEqual(["events.jsonl", "figures", "status.json"]);
  expect(readdirSync(join(path, "figures"))).toEqual([]);
  await (await openRunDirectory(path, program(2))).close();
});

test("a busy run directory keeps its events and temporary files untouched", async () => {
  const path = temporaryFolder(onTestFinished);
  const run = await openRunDirectory(path, program(1));
  appendFileSync(join(path, "events.jsonl"), '{"half');
  const temporary = join(path, ".x.0b5c3e52-6d5f-4a0c-9d7c-1f2e3d4c5b6a.tmp");
  writeFileSync(temporary, "");
  await failureOf(() => openRunDirectory(path, program(2, [1])));
  expect(readFileSync(join(path, "events.jsonl"), "utf8")).toBe('{"half');
  expect(existsSync(temporary)).toBe(true);
  await run.close();
});

test("a run directory that is a file is an environment error, and leaves no lock", async () => {
  const file = join(temporaryFolder(onTestFinished), "run");
  writeFileSync(file, "");
  expect(await failureOf(() => openRunDirectory(file, program()))).toMatchObject({
    kind: "environment",
    code: "E_FILE_SHAPE",
  });
});

test("a failure after locking gives the lock back", async () => {
  const path = temporaryFolder(onTestFinished);
  mkdirSync(join(path, "events.jsonl"));
  expect(await failureOf(() => openRunDirectory(path, program()))).toMatchObject({ kind: "environment" });
  expect(existsSync(join(path, "run.lock"))).toBe(false);
});
