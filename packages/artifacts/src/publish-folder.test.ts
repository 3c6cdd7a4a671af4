import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { filesUnder, publishFolder } from "./publish-folder.js";
import { sha256 } from "./sha256.js";
import { failureOf, temporaryFolder } from "./temporary-folder.test.data.js";

test("a published folder holds what was written, and nothing lies beside it", async () => {
  const root = temporaryFolder(onTestFinished);
  const target = join(root, "model");
  await publishFolder(target, async (draft) => {
    expect(await draft.write("onnx/quee/a.onnx", "one")).toEqual({ bytes: 3, sha256: sha256("one") });
    await draft.write("card.md", "two");
    expect(existsSync(target)).toBe(false);
  });
  expect(await filesUnder(target)).toEqual(["card.md", "onnx/quee/a.onnx"]);
  expect(readFileSync(join(target, "onnx/quee/a.onnx"), "utf8")).toBe("one");
  expect(readdirSync(root)).toEqual(["model"]);
});

test("an empty folder is filled; one with files is refused by name and left alone", async () => {
  const root = temporaryFolder(onTestFinished);
  mkdirSync(join(root, "empty"));
  await publishFolder(join(root, "empty"), async (draft) => void (await draft.write("a", "1")));
  expect(await filesUnder(join(root, "empty"))).toEqual(["a"]);
  writeFileSync(join(root, "empty", "mine"), "2");
  const failure = await failureOf(() => publishFolder(join(root, "empty"), async () => undefined));
  expect(failure).toMatchObject({ kind: "usage", file: join(root, "empty"), got: "one with files" });
  expect(await filesUnder(join(root, "empty"))).toEqual(["a", "mine"]);
});

test("a failure half-way leaves nothing behind", async () => {
  const root = temporaryFolder(onTestFinished);
  const failing = publishFolder(join(root, "model"), async (draft) => {
    await draft.write("a", "1");
    throw new Error("no more");
  });
  await expect(failing).rejects.toThrow("no more");
  expect(readdirSync(root)).toEqual([]);
  expect(await filesUnder(join(root, "model"))).toBeNull();
});

test("folders that files came into while another was made are not replaced", async () => {
  const root = temporaryFolder(onTestFinished);
  const target = join(root, "model");
  const failure = await failureOf(() =>
    publishFolder(target, async (draft) => {
      await draft.write("a", "1");
      mkdirSync(target);
      writeFileSync(join(target, "theirs"), "2");
    }),
  );
  expect(failure).toMatchObject({ kind: "environment", file: target });
  expect(await filesUnder(target)).toEqual(["theirs"]);
  expect(readdirSync(root)).toEqual(["model"]);
});
