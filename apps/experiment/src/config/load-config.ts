import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { QueeError, show } from "@quee/core";
import { isMap, isScalar, LineCounter, parse, parseDocument, stringify } from "yaml";
import type { z } from "zod";
import { datasetNames } from "./dataset-schema.js";
import { nearest } from "./nearest.js";
import { withPreset } from "./presets.js";
import { type ConfigFile, configSchema } from "./schema.js";

const largestConfigBytes = 1 << 20;

export interface LoadedConfig {
  readonly config: ConfigFile;
  /** Every value, defaults and overrides included, as YAML. */
  readonly resolved: string;
  /** The first 8 hexadecimal digits of the SHA-256 of `resolved`. */
  readonly hash: string;
}

/** Every problem of a config file, found together. */
export class ConfigErrors extends Error {
  readonly errors: readonly QueeError[];
  constructor(errors: readonly QueeError[]) {
    super(errors.map(({ message }) => message).join("\n"));
    this.errors = errors;
  }
}

/**
 * Reads a config by its name (`cifar10-t2t-vit-7`, from the configs that come with the application) or by the path of a YAML
 * file, with `key.inside=value` overrides.
 */
export function loadConfig(
  nameOrFile: string,
  overrides: readonly string[],
  bundledFolder: string,
  { keepTraining = false }: { readonly keepTraining?: boolean } = {},
): LoadedConfig {
  const file = findConfig(nameOrFile, bundledFolder);
  const lines = new LineCounter();
  const document = parseDocument(readConfig(file), { lineCounter: lines, uniqueKeys: true, strict: true });
  const shownName = basename(file);
  if (document.errors.length > 0) {
    throw new ConfigErrors(
      document.errors.map(({ message, linePos }) =>
        problem(shownName, `${linePos?.[0].line ?? 1}:${linePos?.[0].col ?? 1}`, "YAML", message.split("\n")[0] ?? ""),
      ),
    );
  }
  for (const override of overrides) applyOverride(document, override);
  const value = withPreset(valuesOf(document, shownName));
  const parsed = configSchema.safeParse(value);
  if (!parsed.success) {
    throw new ConfigErrors(
      parsed.error.issues.flatMap((issue) =>
        problemsOf(issue, value).map(({ path, expected, got, hint }) => {
          const range = placeOf(document, path);
          const place = range === null ? "" : `${lines.linePos(range).line}:${lines.linePos(range).col}: `;
          return problem(shownName, `${place}${fieldName(path)}`, expected, got, hint);
        }),
      ),
    );
  }
  const { pretrain: _, finetune: __, ...rest } = parsed.data;
  // How the backbone came about changes no run of it: its bytes are hashed.
  const config: ConfigFile = keepTraining ? parsed.data : rest;
  const resolved = stringify(config);
  return { config, resolved, hash: createHash("sha256").update(resolved).digest("hex").slice(0, 8) };
}

/** Aliases that multiply to more than a hundred nodes are refused, as a file that is small and grows without end. */
function valuesOf(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw problem(file, undefined, "YAML", cause instanceof Error ? cause.message : String(cause));
  }
}

export function bundledConfigs(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.slice(0, -".yaml".length))
    .sort();
}

function findConfig(nameOrFile: string, folder: string): string {
  if (/\.ya?ml$/.test(nameOrFile)) {
    if (existsSync(nameOrFile)) return nameOrFile;
    throw problem(nameOrFile, undefined, "a config file", "nothing there");
  }
  const known = bundledConfigs(folder);
  if (known.includes(nameOrFile)) return join(folder, `${nameOrFile}.yaml`);
  const close = nearest(nameOrFile, known);
  throw problem(
    nameOrFile,
    undefined,
    `a config: ${known.join(", ")}, or the path of a .yaml file`,
    show(nameOrFile),
    close && `Did you mean ${close}?`,
  );
}

function readConfig(file: string): string {
  const { size } = statSync(file);
  if (size > largestConfigBytes) throw problem(file, undefined, "at most 1 MiB", `${size} bytes`);
  return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
}

function applyOverride(document: ReturnType<typeof parseDocument>, override: string): void {
  const at = override.indexOf("=");
  if (at < 1) {
    throw new QueeError({
      code: "E_OVERRIDE",
      kind: "usage",
      where: "override",
      expected: "key=value, e.g. heads.maxEpochs=5",
      got: show(override),
    });
  }
  document.setIn(override.slice(0, at).split("."), yamlValue(override, at));
}

function yamlValue(override: string, at: number): unknown {
  try {
    return parse(override.slice(at + 1));
  } catch (cause) {
    throw new QueeError({
      code: "E_OVERRIDE",
      kind: "usage",
      where: `override ${override.slice(0, at)}`,
      expected: "a YAML value",
      got: cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause),
      cause,
    });
  }
}

function problem(file: string, where: string | undefined, expected: string, got: string, hint?: string): QueeError {
  return new QueeError({
    code: "E_CONFIG",
    kind: "config",
    file,
    ...(where === undefined ? {} : { where }),
    expected,
    got,
    ...(hint === undefined ? {} : { hint }),
  });
}

interface Finding {
  readonly path: readonly PropertyKey[];
  readonly expected: string;
  readonly got: string;
  readonly hint?: string;
}

/** A zod issue in our words. */
function problemsOf(issue: z.core.$ZodIssue, root: unknown): readonly Finding[] {
  const got = shown(valueAt(root, issue.path));
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => {
      const close = nearest(key, known);
      return {
        path: [...issue.path, key],
        expected: known.length === 0 ? "a known key" : `one of ${known.join(", ")}`,
        got: `unknown key ${show(key)}`,
        ...(close === undefined ? {} : { hint: `Did you mean ${close}?` }),
      };
    });
  }
  return [{ path: issue.path, expected: expectation(issue), got }];
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.expected;
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return `${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      return `at most ${issue.maximum}`;
    case "invalid_union":
      return issue.path.at(-1) === "name" ? `one of ${datasetNames.join(", ")}` : issue.message;
    default:
      return issue.message;
  }
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value === null || typeof value !== "object" ? undefined : Reflect.get(value, key)),
    root,
  );
}

/** Keys that the schema knows at a place, for "did you mean". */
function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = configSchema;
  for (const key of path) {
    schema = inner(schema);
    const shape = schema instanceof Object && "shape" in schema ? (schema.shape as Record<string, unknown>) : {};
    schema = shape[String(key)];
  }
  schema = inner(schema);
  return schema instanceof Object && "shape" in schema ? Object.keys(schema.shape as object) : [];
}

/** Looks through defaults. */
function inner(schema: unknown): unknown {
  let current = schema;
  while (current instanceof Object && "def" in current) {
    const { innerType } = current.def as { innerType?: unknown };
    if (innerType === undefined) break;
    current = innerType;
  }
  return current;
}

function fieldName(path: readonly PropertyKey[]): string {
  return (
    path
      .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
      .join("")
      .replace(/^\./, "") || "config"
  );
}

/** Character offset of the nearest node that a path reaches; a key that stands in the file itself is found by its key. */
function placeOf(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number | null {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === path[length - 1]);
      if (pair && isScalar(pair.key) && pair.key.range) return pair.key.range[0];
    }
    const node = document.getIn(path.slice(0, length), true);
    if (isScalar(node) && node.range) return node.range[0];
  }
  return null;
}
