import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { acquireLock, lockName } from "./run-lock.js";
import { sha256 } from "./sha256.js";
import { failureOf, program, temporaryFolder } from "./temporary-folder.test.data.js";

test("a free directory is locked, and free again after release", async () => {
  const folder = temporaryFolder(onTestFinished);
  const lock = await acquireLock(folder, program());
  expect(lock.tookOverFrom).toBeNull();
  expect(existsSync(lock.file)).toBe(true);
  await lock.release();
  await lock.release();
  expect(readdirSync(folder)).toEqual([]);
  await (await acquireLock(folder, program(101))).release();
});

test("a held directory is busy, and the error names pid, host and start", async () => {
  const folder = temporaryFolder(onTestFinished);
  await acquireLock(folder, program(100));
  expect(await failureOf(() => acquireLock(folder, program(200, [100])))).toMatchObject({
    kind: "busy",
    file: join(folder, lockName),
    got: "a lock of process 100 on here, since start of 100",
  });
});

test("one program cannot take a directory twice", async () => {
  const folder = temporaryFolder(onTestFinished);
  await acquireLock(folder, program(100));
  expect(await failureOf(() => acquireLock(folder, program(100)))).toMatchObject({ kind: "busy" });
});

test("of starts at the same instant exactly one wins, 100 times", async () => {
  const folder = temporaryFolder(onTestFinished);
  const pids = [1, 2, 3];
  for (let round = 0; round < 100; round++) {
    const tries = await Promise.allSettled(pids.map((pid) => acquireLock(folder, program(pid, pids))));
    const locks = tries.filter((result) => result.status === "fulfilled").map(({ value }) => value);
    expect(locks).toHaveLength(1);
    for (const result of tries) if (result.status === "rejected") expect(result.reason).toMatchObject({ kind: "busy" });
    await locks[0]!.release();
  }
  expect(readdirSync(folder)).toEqual([]);
});

test("of starts that find the same dead holder exactly one takes over, 100 times", async () => {
  for (let round = 0; round < 100; round++) {
    const folder = temporaryFolder(onTestFinished);
    await acquireLock(folder, program(9));
    const pids = [1, 2, 3];
    const tries = await Promise.allSettled(pids.map((pid) => acquireLock(folder, program(pid, pids))));
    const locks = tries.filter((result) => result.status === "fulfilled").map(({ value }) => value);
    expect(locks).toHaveLength(1);
    for (const result of tries) if (result.status === "rejected") expect(result.reason).toMatchObject({ kind: "busy" });
    expect(await failureOf(() => acquireLock(folder, program(4, pids)))).toMatchObject({ kind: "busy" });
    await locks[0]!.release();
    expect(readdirSync(folder)).toEqual([]);
  }
});

test("the lock of a dead program is taken over, with a notice of whose it was", async () => {
  const folder = temporaryFolder(onTestFinished);
  await acquireLock(folder, program(100));
  const lock = await acquireLock(folder, program(200));
  expect(lock.tookOverFrom).toMatchObject({ pid: 100, host: "here", startedAt: "start of 100" });
});

test("a number that was used again is told by its start", async () => {
  const folder = temporaryFolder(onTestFinished);
  await acquireLock(folder, { ...program(100), startedAt: "yesterday" });
  // The app finds out that 100 runs, but since today.
  const self = {
    ...program(200),
    isAlive: (pid: number, { startedAt }: { startedAt: string }) => pid === 100 && startedAt === "today",
  };
  expect((await acquireLock(folder, self)).tookOverFrom).toMatchObject({ startedAt: "yesterday" });
});

test("our own number with another start is a program of the past", async () => {
  const folder = temporaryFolder(onTestFinished);
  await acquireLock(folder, { ...program(100), startedAt: "yesterday" });
  expect((await acquireLock(folder, program(100))).tookOverFrom).not.toBeNull();
});

test("of another host nothing is known: busy", async () => {
  const folder = temporaryFolder(onTestFinished);
  await acquireLock(folder, program(100, [], "there"));
  expect(await failureOf(() => acquireLock(folder, program(200)))).toMatchObject({ kind: "busy" });
});

describe("a lock that cannot be read is busy, with the remedy:", () => {
  test.each(["", "{", "null", "[]", '{"pid":1}', "\u0000"])("%j", async (content) => {
    const folder = temporaryFolder(onTestFinished);
    writeFileSync(join(folder, lockName), content);
    const failure = await failureOf(() => acquireLock(folder, program()));
    expect(failure).toMatchObject({ kind: "busy", hint: expect.stringContaining("delete this file") });
    expect(failure["got"]).toContain("names no holder");
  });
});

test("a program that died while taking over does not block the next", async () => {
  const folder = temporaryFolder(onTestFinished);
  const dead = await acquireLock(folder, program(8));
  // What a take-over leaves that is killed at its worst moment: the lock of 8, and the guard of 9 who was removing it.
  const text = readFileSync(dead.file, "utf8");
  const guard = `${dead.file}.takeover-${sha256(text).slice(0, 16)}`;
  writeFileSync(guard, JSON.stringify({ pid: 9, host: "here", startedAt: "start of 9", nonce: "n" }));
  const lock = await acquireLock(folder, program(10));
  expect(lock.tookOverFrom).toMatchObject({ pid: 8 });
  expect(readdirSync(folder)).toEqual([lockName]);
});

test("release leaves a lock that somebody else put there by hand", async () => {
  const folder = temporaryFolder(onTestFinished);
  const lock = await acquireLock(folder, program(100));
  writeFileSync(lock.file, "another");
  await lock.release();
  expect(existsSync(lock.file)).toBe(true);
});

test("a directory that is not there is an environment error", async () => {
  expect(await failureOf(() => acquireLock(join(temporaryFolder(onTestFinished), "lost"), program()))).toMatchObject({
    kind: "environment",
    code: "E_FILE_MISSING",
  });
});
