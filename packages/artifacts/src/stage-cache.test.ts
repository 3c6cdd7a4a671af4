import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { canonicalJson } from "./canonical-json.js";
import { openStageCache, type StageCache } from "./stage-cache.js";
import type { StageDraft } from "./stage-draft.js";
import { stageKey } from "./stage-key.js";
import { failureOf, program, temporaryFolder } from "./temporary-folder.test.data.js";

const key = stageKey({ stage: "train-heads", version: 1, inputs: { seed: 1 } });
const otherKey = stageKey({ stage: "train-heads", version: 1, inputs: { seed: 2 } });
const schema = z.strictObject({ epochs: z.number() });

async function produceHeads(draft: StageDraft): Promise<void> {
  await draft.write("heads/1.bin", new Uint8Array([1, 2, 3, 4]));
  await draft.writeJson("heads.json", schema, { epochs: 3 });
}

async function opened(): Promise<{ cache: StageCache; entry: string; drafts: string }> {
  const root = temporaryFolder(onTestFinished);
  return {
    cache: await openStageCache(root, program()),
    entry: join(root, key.stage, key.hash),
    drafts: join(root, ".drafts"),
  };
}

test("a stage is made once; later it is read back, verified", async () => {
  const { cache } = await opened();
  expect(await cache.open(key)).toBeNull();
  let runs = 0;
  const produce = async (draft: StageDraft) => {
    runs++;
    await produceHeads(draft);
  };
  const first = await cache.produce(key, produce);
  const second = await cache.produce(key, produce);
  expect([first.cached, second.cached, runs]).toEqual([false, true, 1]);
  expect([...(await second.entry.read("heads/1.bin"))]).toEqual([1, 2, 3, 4]);
  expect(await second.entry.readJson("heads.json", schema)).toEqual({ epochs: 3 });
  expect(readFileSync(await second.entry.pathOf("heads/1.bin"))).toHaveLength(4);
  const pieces = second.entry.openPieces("heads/1.bin");
  expect([...pieces.read(1, 2)]).toEqual([2, 3]);
  expect(pieces.hint).toMatch(/^Delete .* and run again/);
  expect([...second.entry.files.keys()].sort()).toEqual(["heads.json", "heads/1.bin"]);
  await second.entry.verify();
});

test("a result can take a file of another over: no copy is made, and either may go", async () => {
  const { cache } = await opened();
  const { entry } = await cache.produce(key, produceHeads);
  const kept = await cache.produce(otherKey, async (draft) => {
    await draft.adopt("parts/1.bin", entry, "heads/1.bin");
    await expect(draft.adopt("parts/2.bin", entry, "heads/2.bin")).rejects.toThrow(/one of heads/);
    await expect(draft.adopt("parts/1.bin", entry, "heads/1.bin")).rejects.toThrow(/a new name/);
  });
  expect([...kept.entry.files]).toEqual([["parts/1.bin", entry.files.get("heads/1.bin")]]);
  expect(statSync(join(kept.entry.directory, "parts/1.bin")).nlink).toBe(2);
  await cache.discard(key);
  await kept.entry.verify();
  expect([...(await kept.entry.read("parts/1.bin"))]).toEqual([1, 2, 3, 4]);
});

test("a fingerprint tells the content, not the key or the order of writing", async () => {
  const { cache } = await opened();
  const first = await cache.produce(key, produceHeads);
  const second = await cache.produce(otherKey, async (draft) => {
    await draft.writeJson("heads.json", schema, { epochs: 3 });
    await draft.write("heads/1.bin", new Uint8Array([1, 2, 3, 4]));
  });
  expect(second.entry.fingerprint).toBe(first.entry.fingerprint);
  await cache.discard(otherKey);
  const third = await cache.produce(otherKey, (draft) =>
    draft.write("heads/1.bin", new Uint8Array([1, 2, 3, 5])).then(),
  );
  expect(third.entry.fingerprint).not.toBe(first.entry.fingerprint);
});

test("a producer that throws half-way leaves nothing, and the next one starts from nothing", async () => {
  const { cache, drafts } = await opened();
  const broken = async (draft: StageDraft) => {
    await draft.write("heads/1.bin", new Uint8Array([9]));
    throw new Error("no more memory");
  };
  expect(await failureOf(() => cache.produce(key, broken))).toMatchObject({ message: "no more memory" });
  expect(await cache.open(key)).toBeNull();
  expect(readdirSync(drafts)).toEqual([]);
  const { entry } = await cache.produce(key, produceHeads);
  expect([...(await entry.read("heads/1.bin"))]).toEqual([1, 2, 3, 4]);
});

test("every changed byte of every file is found", async () => {
  const { cache, entry } = await opened();
  await cache.produce(key, produceHeads);
  let flips = 0;
  for (const name of ["manifest.json", "heads.json", "heads/1.bin"]) {
    const file = join(entry, name);
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] = changed[at]! ^ (1 << (at % 8));
      writeFileSync(file, changed);
      const failure = await failureOf(async () => (await cache.open(key))?.verify());
      expect(failure, `${name}, byte ${at}`).toMatchObject({ name: "QueeError", kind: "artifact", file });
      flips++;
    }
    writeFileSync(file, whole);
  }
  await (await cache.open(key))?.verify();
  expect(flips).toBeGreaterThan(400);
});

test("truncation, growth and absence are found, with file, expected, got and the remedy", async () => {
  const { cache, entry } = await opened();
  await cache.produce(key, produceHeads);
  const file = join(entry, "heads/1.bin");
  for (const bytes of [0, 1, 3]) {
    writeFileSync(file, new Uint8Array([1, 2, 3, 4]));
    truncateSync(file, bytes);
    const failure = await failureOf(async () => (await cache.open(key))?.read("heads/1.bin"));
    expect(failure).toMatchObject({ kind: "artifact", file, expected: "4 bytes", got: `${bytes} bytes` });
    expect(failure["hint"]).toBe(`Delete ${entry} and run again: only this stage is made anew`);
    const inPieces = await failureOf(async () => (await cache.open(key))?.openPieces("heads/1.bin"));
    expect(inPieces).toMatchObject({ ...failure });
  }
  writeFileSync(file, new Uint8Array([1, 2, 3, 4]));
  appendFileSync(file, "x");
  expect(await failureOf(async () => (await cache.open(key))?.pathOf("heads/1.bin"))).toMatchObject({ got: "5 bytes" });
  rmSync(file);
  expect(await failureOf(async () => (await cache.open(key))?.read("heads/1.bin"))).toMatchObject({
    kind: "artifact",
    file,
  });
  rmSync(join(entry, "manifest.json"));
  expect(await failureOf(() => cache.open(key))).toMatchObject({ kind: "artifact", code: "E_FILE_MISSING" });
});

test("two results that were swapped are found", async () => {
  const { cache, entry } = await opened();
  await cache.produce(key, produceHeads);
  await cache.produce(otherKey, produceHeads);
  const other = join(cache.root, otherKey.stage, otherKey.hash);
  renameSync(entry, `${entry}.x`);
  renameSync(other, entry);
  renameSync(`${entry}.x`, other);
  expect(await failureOf(() => cache.open(key))).toMatchObject({
    where: "key",
    expected: key.hash,
    got: otherKey.hash,
  });
});

test("a manifest of another version is not guessed at", async () => {
  const { cache, entry } = await opened();
  await cache.produce(key, produceHeads);
  writeFileSync(join(entry, "manifest.json"), canonicalJson({ schemaVersion: 2, anything: "else" }));
  expect(await failureOf(() => cache.open(key))).toMatchObject({
    kind: "artifact",
    where: "schemaVersion",
    expected: "1",
    got: "a file of version 2",
  });
});

test("a corrupt result is not silently made anew; after discarding it is", async () => {
  const { cache, entry } = await opened();
  await cache.produce(key, produceHeads);
  writeFileSync(join(entry, "manifest.json"), "");
  expect(await failureOf(() => cache.produce(key, produceHeads))).toMatchObject({ kind: "artifact" });
  await cache.discard(key);
  expect(existsSync(entry)).toBe(false);
  expect((await cache.produce(key, produceHeads)).cached).toBe(false);
  await cache.discard(otherKey); // nothing there: nothing to do
});

test("two askers of one key in one program share the work", async () => {
  const { cache } = await opened();
  let runs = 0;
  const slowly = async (draft: StageDraft) => {
    runs++;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await produceHeads(draft);
  };
  const all = await Promise.all([cache.produce(key, slowly), cache.produce(key, slowly), cache.produce(key, slowly)]);
  expect(runs).toBe(1);
  expect(all.filter(({ cached }) => !cached)).toHaveLength(1);
});

test("of two programs that make the same key, the first wins and both read it", async () => {
  const root = temporaryFolder(onTestFinished);
  const one = await openStageCache(root, program(1, [2]));
  const two = await openStageCache(root, program(2, [1]));
  const inner = async (draft: StageDraft) => {
    await produceHeads(draft);
    await two.produce(key, produceHeads);
  };
  const late = await one.produce(key, inner);
  expect(late.cached).toBe(true);
  await late.entry.verify();
  expect(readdirSync(join(root, ".drafts"))).toEqual([]);
});

test("opening sweeps the drafts of the dead, and only theirs", async () => {
  const root = temporaryFolder(onTestFinished);
  const drafts = join(root, ".drafts");
  /** Starts a draft and never ends it; @returns the name of its folder */
  const leave = async (self: ReturnType<typeof program>): Promise<string> => {
    const before = existsSync(drafts) ? readdirSync(drafts) : [];
    const cache = await openStageCache(root, self);
    await new Promise<void>((resolve) => {
      void cache.produce(key, async (draft) => {
        await draft.write("a", "half");
        resolve();
        await new Promise(() => undefined);
      });
    });
    return readdirSync(drafts).find((name) => !before.includes(name))!;
  };
  const everyone = [1, 2, 3, 4];
  const dead = await leave(program(1, everyone));
  const alive = await leave(program(2, everyone));
  const elsewhere = await leave(program(3, everyone, "there"));
  const ourPast = await leave({ ...program(4, everyone), startedAt: "an earlier start" });
  mkdirSync(join(drafts, "something else"));
  await openStageCache(root, program(4, [2]));
  expect(readdirSync(drafts).sort()).toEqual([alive, elsewhere, "something else"].sort());
  expect([dead, ourPast].every((name) => !existsSync(join(drafts, name)))).toBe(true);
});

test("names of files stay inside the entry, are new, and are not the manifest's", async () => {
  const { cache } = await opened();
  for (const name of ["../x", "/x", "a/../b", "a//b", "", ".x", "manifest.json", "a\\b", "a b", "__proto__"]) {
    const failure = await failureOf(() => cache.produce(key, (draft) => draft.write(name, "x").then()));
    expect(failure, name).toMatchObject({ code: "E_ARTIFACT_NAME" });
  }
  const twice = async (draft: StageDraft) => {
    await Promise.all([draft.write("a", "1"), draft.write("a", "2")]);
  };
  expect(await failureOf(() => cache.produce(key, twice))).toMatchObject({ code: "E_ARTIFACT_NAME" });
  const { entry } = await cache.produce(key, produceHeads);
  expect(await failureOf(() => entry.read("heads.bin"))).toMatchObject({
    expected: "one of heads.json, heads/1.bin",
    got: "heads.bin",
  });
});

test("a cache whose root is a file is an environment error", async () => {
  const file = join(temporaryFolder(onTestFinished), "file");
  writeFileSync(file, "");
  expect(await failureOf(() => openStageCache(file, program()))).toMatchObject({
    kind: "environment",
    code: "E_FILE_SHAPE",
  });
});
