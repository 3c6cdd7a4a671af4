import { readdirSync } from "node:fs";
import type * as fs from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { writeJson } from "./json-files.js";
import { openRunDirectory } from "./run-directory.js";
import { openStageCache, type StageCache } from "./stage-cache.js";
import type { StageDraft } from "./stage-draft.js";
import { stageKey } from "./stage-key.js";
import { failureOf, program, temporaryFolder } from "./temporary-folder.test.data.js";

/**
 * Every operation on files is counted; the one with number `at` fails. A `kill` takes all later operations with it, as
 * death does: nothing is cleaned up. Another failure hits that operation only.
 */
const fault = vi.hoisted(() => ({ at: Number.POSITIVE_INFINITY, kind: "kill", count: 0, names: [] as string[] }));

vi.mock("node:fs/promises", async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const strike = (name: string): void => {
    fault.count++;
    fault.names.push(name);
    if (fault.count < fault.at || (fault.count > fault.at && fault.kind !== "kill")) return;
    if (fault.kind === "kill") throw new Error("killed");
    throw Object.assign(new Error(`${fault.kind}: made up, ${name}`), { code: fault.kind, errno: -1 });
  };
  const counted = <T extends object>(target: T, names: readonly string[]): T =>
    new Proxy(target, {
      get: (object, name) => {
        const value: unknown = Reflect.get(object, name);
        if (typeof value !== "function") return value;
        if (!names.includes(String(name))) return value.bind(object);
        return async (...parameters: unknown[]) => {
          strike(String(name));
          return value.apply(object, parameters);
        };
      },
    });
  const functions = ["mkdir", "readdir", "rename", "rm", "stat", "link", "readFile"];
  const handleMethods = ["write", "sync", "read", "readFile", "appendFile", "truncate", "stat"];
  const open = async (...parameters: Parameters<typeof real.open>) => {
    strike("open");
    return counted(await real.open(...parameters), handleMethods);
  };
  const wrapped = counted({ ...real }, functions);
  return { ...Object.fromEntries(functions.map((name) => [name, Reflect.get(wrapped, name)])), open };
});

/** Milliseconds; a hundred tiny runs take seconds, but the machine may be busy. */
const patience = 240_000;

const schema = z.strictObject({ total: z.number() });
const first = stageKey({ stage: "first", version: 1, inputs: 1 });
const runs = { first: 0, second: 0 };

/** A tiny experiment: two stages, the second from the first, and a result. */
async function experiment(root: string, pid: number): Promise<void> {
  const self = program(pid);
  const run = await openRunDirectory(join(root, "run"), self);
  try {
    const cache = await openStageCache(join(root, "cache"), self);
    const one = await cache.produce(first, async (draft: StageDraft) => {
      runs.first++;
      await draft.write("parts/a.bin", [new Uint8Array([1, 2]), new Uint8Array([3])]);
    });
    await run.events.append({ ts: "now", type: "stage.end", stage: "first" });
    const two = await cache.produce(secondKey(one.entry.fingerprint), async (draft: StageDraft) => {
      runs.second++;
      const bytes = await one.entry.read("parts/a.bin");
      await draft.writeJson("sum.json", schema, { total: bytes.reduce((a, b) => a + b) });
    });
    await writeJson(join(root, "run", "results.json"), schema, await two.entry.readJson("sum.json", schema));
  } finally {
    await run.close();
  }
}

const secondKey = (fingerprint: string) => stageKey({ stage: "second", version: 1, inputs: { fingerprint } });

/** Everything that is visible: relative names and contents. Events tell what happened, so they may differ. */
async function tree(root: string): Promise<Record<string, string>> {
  const real = await vi.importActual<typeof fs>("node:fs/promises");
  const names = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "events.jsonl")
    .map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    names.map(async (name) => [name.slice(root.length), await real.readFile(name, "hex")]),
  );
  return Object.fromEntries(files.sort());
}

/** What a reader may rely on whatever happened: results are there whole or not at all. */
async function expectWhole(root: string): Promise<{ first: boolean; second: boolean }> {
  const cache: StageCache = await openStageCache(join(root, "cache"), program(1));
  const one = await cache.open(first);
  await one?.verify();
  const two = one === null ? null : await cache.open(secondKey(one.fingerprint));
  await two?.verify();
  return { first: one !== null, second: two !== null };
}

async function withFault<T>(at: number, kind: string, act: () => Promise<T>): Promise<T> {
  Object.assign(fault, { at, kind, count: 0, names: [] });
  try {
    return await act();
  } finally {
    fault.at = Number.POSITIVE_INFINITY;
  }
}

async function straight(): Promise<{ files: Record<string, string>; operations: number }> {
  const root = temporaryFolder(onTestFinished);
  await withFault(Number.POSITIVE_INFINITY, "kill", () => experiment(root, 7));
  return { files: await tree(root), operations: fault.count };
}

test(
  "killed at any file operation, the same command ends in the same bytes, and no finished stage is made again",
  async () => {
    const { files, operations } = await straight();
    expect(Object.keys(files)).toHaveLength(5);
    expect(operations).toBeGreaterThan(50);
    for (let at = 1; at <= operations; at++) {
      const root = temporaryFolder(onTestFinished);
      Object.assign(runs, { first: 0, second: 0 });
      await withFault(at, "kill", () => experiment(root, 7)).catch(() => undefined);
      const finished = await expectWhole(root);
      const before = { ...runs };
      await experiment(root, 8);
      expect(await tree(root), `killed at ${at}`).toEqual(files);
      if (finished.first) expect(runs.first, `killed at ${at}`).toBe(before.first);
      if (finished.second) expect(runs.second, `killed at ${at}`).toBe(before.second);
    }
  },
  patience,
);

test.each(["ENOSPC", "EMFILE"])(
  "%s at any file operation is told as it is, and the same command ends in the same bytes",
  async (errno) => {
    const { files, operations } = await straight();
    for (let at = 1; at <= operations; at++) {
      const root = temporaryFolder(onTestFinished);
      const failure = await withFault(at, errno, () => failureOf(() => experiment(root, 7))).catch(() => null);
      // Cleaning up is tried and may fail without harm; whatever else fails must be heard.
      if (failure !== null) {
        expect(failure, `${errno} at ${at}`).toMatchObject({ name: "QueeError", kind: "environment" });
        expect(failure["got"]).toContain(errno);
        expect(String(failure["file"])).toContain(root);
        expect(String(failure["file"])).not.toContain(".tmp");
      }
      await expectWhole(root);
      await experiment(root, 8);
      expect(await tree(root), `${errno} at ${at}`).toEqual(files);
    }
  },
  patience,
);

test("a file reaches the disk before its name does, and the name before the writer goes on", async () => {
  const file = join(temporaryFolder(onTestFinished), "a.json");
  await withFault(Number.POSITIVE_INFINITY, "kill", () => writeJson(file, schema, { total: 1 }));
  expect(fault.names).toEqual(["open", "write", "sync", "rename", "open", "sync"]);
});

test("all files of a stage, and their folders, reach the disk before the stage becomes visible", async () => {
  const root = temporaryFolder(onTestFinished);
  const cache = await openStageCache(root, program());
  await withFault(Number.POSITIVE_INFINITY, "kill", () =>
    cache.produce(first, async (draft) => {
      await draft.write("parts/a.bin", new Uint8Array(3));
    }),
  );
  const published = fault.names.indexOf("rename");
  // a.bin, the manifest, parts/ and the entry itself; then the folder of the stage.
  expect(fault.names.slice(0, published).filter((name) => name === "sync")).toHaveLength(4);
  expect(fault.names.slice(published + 1, published + 3)).toEqual(["open", "sync"]);
});
