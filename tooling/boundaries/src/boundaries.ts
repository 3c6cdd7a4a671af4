import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** tooling/boundaries/layers.json */
export interface Rules {
  /** Layer of every room; a room imports rooms of smaller numbers only. */
  readonly layers: Readonly<Record<string, number>>;
  /** Foreign module → rooms that may import it. */
  readonly doors: Readonly<Record<string, readonly string[]>>;
  /** Texts that may stand in apps only: clock, console, environment, unseeded randomness. */
  readonly onlyInApps: readonly string[];
}

export interface SourceFile {
  readonly room: string;
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
}

/** Every TypeScript file of packages/ and apps/. */
export function sourceFiles(root: string): readonly SourceFile[] {
  return ["packages", "apps"].flatMap((top) =>
    readdirSync(join(root, top)).flatMap((room) =>
      readdirSync(join(root, top, room, "src"), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => {
          const file = join(root, top, room, "src", name);
          return {
            room,
            path: relative(root, file),
            text: readFileSync(file, "utf8"),
            isTest: /\.(test|bench)\.|(^|\/)testing\//.test(name),
          };
        }),
    ),
  );
}

/** Modules that a file imports or re-exports, types included. */
export function importsOf(text: string): readonly string[] {
  const pattern = /(?:^|\n)\s*(?:import|export)\b[^;"']*?from\s*["']([^"']+)["']|\bimport\s*\(?\s*["']([^"']+)["']/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? "");
}

/** One line per breach of the rules. */
export function violations(files: readonly SourceFile[], rules: Rules): readonly string[] {
  return files.flatMap((file) => [
    ...importsOf(file.text).flatMap((target) => breach(file, target, rules)),
    ...(isApp(file) || file.isTest ? [] : forbiddenWords(file, rules)),
  ]);
}

function breach({ room, path, isTest }: SourceFile, target: string, { layers, doors }: Rules): readonly string[] {
  const own = layers[room];
  if (own === undefined) return [`${path}: room "${room}" has no layer in layers.json`];
  if (target.startsWith("@quee/tooling-")) return isTest ? [] : [`${path}: imports ${target}, which is for tests`];
  if (target.startsWith("@quee/")) {
    const other = target.slice("@quee/".length).split("/")[0] ?? "";
    const layer = layers[other];
    if (layer === undefined) return [`${path}: imports ${target}, which has no layer in layers.json`];
    return layer < own ? [] : [`${path}: layer ${own} imports ${target} of layer ${layer}`];
  }
  const door = Object.keys(doors).find((module) => target === module || target.startsWith(`${module}/`));
  // Tests may read and write files; the other doors hold for them too.
  if (door === undefined || (isTest && door.startsWith("node:"))) return [];
  return doors[door]?.includes(room) ? [] : [`${path}: imports ${target}, whose door is ${doors[door]?.join(", ")}`];
}

function forbiddenWords({ path, text }: SourceFile, { onlyInApps }: Rules): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
  return onlyInApps
    .filter((word) => new RegExp(`(?<![\\w.])${word.replace(".", "\\.")}`).test(code))
    .map((word) => `${path}: "${word}" belongs in apps`);
}

function isApp({ path }: SourceFile): boolean {
  return path.startsWith("apps");
}
