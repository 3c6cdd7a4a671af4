import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importsOf, type Rules, sourceFiles, violations } from "./boundaries.js";

const root = join(import.meta.dirname, "../../..");
const rules = JSON.parse(readFileSync(join(root, "tooling/boundaries/layers.json"), "utf8")) as Rules;
const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as {
    name: string;
    description?: string;
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
  };
const rooms = ["packages", "apps"].flatMap((top) => readdirSync(join(root, top)).map((name) => `${top}/${name}`));

test("imports go down only, foreign things come through their door, and the clock stays in apps", () => {
  expect(violations(sourceFiles(root), rules)).toEqual([]);
});

test("every room has a layer and every layer a room", () => {
  expect(Object.keys(rules.layers).sort()).toEqual(rooms.map((room) => room.split("/")[1]).sort());
});

test.each(rooms)("%s declares what it imports, and imports what it declares", (room) => {
  const { dependencies = {}, devDependencies = {} } = manifestOf(room);
  const files = sourceFiles(root).filter(({ path }) => path.startsWith(`${room}/`));
  const packageOf = (target: string) =>
    target
      .split("/")
      .slice(0, target.startsWith("@") ? 2 : 1)
      .join("/");
  const used = (tests: boolean) =>
    new Set(
      files
        .filter((file) => file.isTest === tests)
        .flatMap(({ text }) => importsOf(text))
        .filter((target) => !target.startsWith(".") && !target.startsWith("node:"))
        .map(packageOf),
    );
  const source = used(false);
  expect([...source].filter((name) => !(name in dependencies))).toEqual([]);
  expect(Object.keys(dependencies).filter((name) => !source.has(name))).toEqual([]);
  expect([...used(true)].filter((name) => !(name in dependencies) && !(name in devDependencies))).toEqual([]);
});

test.each(rooms)("%s refers the compiler to the workspace packages that it depends on", (room) => {
  const { dependencies = {} } = manifestOf(room);
  const { references } = JSON.parse(readFileSync(join(root, room, "tsconfig.json"), "utf8")) as {
    references?: readonly { path: string }[];
  };
  const referred = (references ?? []).map(({ path }) => path.split("/").at(-1)).filter((name) => name !== "testing");
  const needed = Object.keys(dependencies)
    .filter((name) => name.startsWith("@quee/"))
    .map((name) => name.slice("@quee/".length));
  expect(referred.sort()).toEqual(needed.sort());
});

test.each(rooms.filter((room) => room.startsWith("packages/")))("%s has a door plate", (room) => {
  const readme = join(root, room, "README.md");
  expect(existsSync(readme)).toBe(true);
  const text = readFileSync(readme, "utf8");
  expect(text).toMatch(/^# @quee\//);
  expect(text).toMatch(/```(ts|js)\n[\s\S]+?console\.log[\s\S]*?\n```/);
  expect(text.toLowerCase()).toContain("does not");
});

describe("the checker itself", () => {
  const file = (room: string, text: string, path = `packages/${room}/src/x.ts`) => ({
    room,
    path,
    text,
    isTest: false,
  });
  const small: Rules = {
    layers: { low: 0, high: 1 },
    doors: { "node:fs": ["high"] },
    onlyInApps: ["Date.now", "console."],
  };

  test("finds every form of import", () => {
    expect(
      importsOf('import a from "a";\nimport {\n  b,\n} from "b";\nexport { c } from "c";\nawait import("d");'),
    ).toEqual(["a", "b", "c", "d"]);
  });

  test("refuses an upward import, a wrong door and a clock", () => {
    expect(violations([file("low", 'import { x } from "@quee/high";')], small)).toHaveLength(1);
    expect(violations([file("low", 'import { x } from "node:fs";')], small)).toHaveLength(1);
    expect(violations([file("low", "const now = Date.now();")], small)).toHaveLength(1);
    expect(violations([file("high", 'import { x } from "@quee/low";\nimport "node:fs";')], small)).toEqual([]);
  });

  test("reads comments as comments", () => {
    expect(violations([file("low", "// Date.now() would be wrong here\n/* console.log */")], small)).toEqual([]);
  });
});
