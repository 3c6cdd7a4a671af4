import { bits, legalPaths, type Path, pathKey, uniformPaths } from "@quee/core";
import { expect, test } from "vitest";
import { type PrefixNode, prefixForest } from "./prefix-tree.js";

const levels = [bits(8), bits(7), bits(6), bits(5)];
const space = { levels, exitCount: 3, order: "monotone", firstBlock: "highest" } as const;
const nodesOf = (forest: readonly PrefixNode[]): readonly PrefixNode[] =>
  forest.flatMap((node) => [node, ...nodesOf(node.children)]);
const keysOf = (forest: readonly PrefixNode[]) => nodesOf(forest).map(({ path }) => pathKey(path));

test("the 15 legal paths of the CIFAR-10 configuration are 15 block runs: each is the end of one path", () => {
  const forest = prefixForest(legalPaths(space));
  expect(forest.length).toBe(1);
  expect(nodesOf(forest).length).toBe(15);
  expect(nodesOf(forest).every(({ wanted }) => wanted)).toBe(true);
});

test("uniform paths share what they share with the legal ones and add the rest", () => {
  const paths = [...legalPaths(space), ...levels.flatMap((level) => uniformPaths(level, 3))];
  const keys = keysOf(prefixForest(paths));
  expect(new Set(keys).size).toBe(keys.length);
  // 8, 8-8, 8-8-8 are there; three more levels add three blocks each.
  expect(keys.length).toBe(15 + 9);
});

test("blocks on the way to a path are run but not wanted, and nothing else is run", () => {
  const path: Path = [bits(8), bits(6), bits(5)];
  const forest = prefixForest([path]);
  expect(nodesOf(forest).map(({ path: p, wanted }) => [pathKey(p), wanted])).toEqual([
    ["8", false],
    ["8-6", false],
    ["8-6-5", true],
  ]);
});

test("children begin with the path of their parent", () => {
  for (const { path, children } of nodesOf(prefixForest(legalPaths(space)))) {
    for (const child of children) expect(child.path.slice(0, -1)).toEqual(path);
  }
});
