import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeModel } from "@quee/onnx-codec";
import type { ComparedMethod, Curve } from "@quee/report";
import { buildVit } from "@quee/vit-architectures";
import { beforeAll, describe, expect, test } from "vitest";

// The built program, as users run it, on a network with random weights: what is right is not asked, what happens is.
const program = join(import.meta.dirname, "../../bin/quee.mjs");

/** A working directory of its own: runs/ and its cache lie there. */
function workspace(): string {
  const folder = mkdtempSync(join(tmpdir(), "quee-cli-"));
  const model = join(folder, "models", "tiny");
  mkdirSync(model, { recursive: true });
  const graph = buildVit({
    imageSize: 32,
    patchSize: 8,
    width: 24,
    depth: 2,
    heads: 2,
    mlpRatio: 2,
    classCount: 10,
    seed: 5,
  });
  writeFileSync(join(model, "model.onnx"), encodeModel(graph));
  writeFileSync(
    join(model, "preprocessor_config.json"),
    JSON.stringify({ do_resize: false, do_rescale: true, rescale_factor: 1 / 255, do_normalize: false }),
  );
  writeFileSync(
    join(folder, "tiny.yaml"),
    `
schemaVersion: 1
name: tiny
dataset: { name: synthetic-digits, train: { count: 80 }, validation: { count: 60 }, test: { count: 50 } }
backbone: { model: tiny }
exits: [1, 2]
levels: [8, 5]
calibration: { images: 20 }
heads: { maxEpochs: 2, batchSize: 32 }
clusters: { count: 4, restarts: 2 }
gates: { maxEpochs: 2, batchSize: 32 }
live: { images: 20, lambdas: [0.1] }
`,
  );
  return folder;
}

function environmentOf(folder: string): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return { ...env, QUEE_MODELS: join(folder, "models"), QUEE_DATA: join(folder, "data") };
}

function quee(folder: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: "utf8",
    env: environmentOf(folder),
  });
  return { status, stdout, stderr };
}

function runOf(folder: string): string {
  const [name] = readdirSync(join(folder, "runs")).filter((entry) => entry.startsWith("tiny-"));
  return join(folder, "runs", name ?? "");
}

describe("a run", () => {
  let folder: string;
  let first: ReturnType<typeof quee>;
  beforeAll(() => {
    folder = workspace();
    first = quee(folder, "run", "tiny.yaml", "--threads", "2");
  });

  test("ends with the best λ for three budgets in words, and the report's path", () => {
    expect(first.stderr).not.toMatch(/error/);
    expect(first.status).toBe(0);
    expect(first.stdout.match(/^budget /gm)).toHaveLength(3);
    expect(first.stdout).toMatch(/report: runs\/tiny-[0-9a-f]{8}\/report\.html/);
  });

  test("leaves the files of the contract", () => {
    expect(readdirSync(runOf(folder)).sort()).toEqual([
      "config.resolved.yaml",
      "curves.csv",
      "env.json",
      "events.jsonl",
      "figures",
      "outcomes.json",
      "report.html",
      "report.md",
      "results.json",
      "status.json",
      "timings.json",
    ]);
    expect(JSON.parse(readFileSync(join(runOf(folder), "status.json"), "utf8"))).toMatchObject({ state: "done" });
  });

  test("does nothing a second time, and says so", () => {
    const again = quee(folder, "run", "tiny.yaml", "--json");
    expect(again.status).toBe(0);
    expect(again.stderr.match(/cached/g)).toHaveLength(10);
    expect(JSON.parse(again.stdout)).toMatchObject({ operatingPoints: expect.any(Array) });
  });

  test("gives the same bytes from the same seed elsewhere, with another number of workers", () => {
    const other = workspace();
    expect(quee(other, "run", "tiny.yaml", "--threads", "1").status).toBe(0);
    for (const file of ["results.json", "curves.csv", "figures/accuracy-cost.svg"]) {
      expect(readFileSync(join(runOf(other), file), "utf8")).toBe(readFileSync(join(runOf(folder), file), "utf8"));
    }
  });

  test("with another seed gives others", () => {
    const results = (out: string) => readFileSync(join(folder, out, "results.json"), "utf8");
    expect(quee(folder, "run", "tiny.yaml", "--seed", "9", "--out", "seed9").status).toBe(0);
    expect(results("seed9")).not.toBe(readFileSync(join(runOf(folder), "results.json"), "utf8"));
  });

  test("is compared with the one of another seed, image by image, and with itself not at all", () => {
    quee(folder, "run", "tiny.yaml", "--seed", "9", "--out", "seed9", "--resume");
    const { status, stdout } = quee(folder, "compare", runOf(folder), "seed9");
    expect(status).toBe(0);
    expect(stdout).toMatch(/what differs in the configs:\n {2}seed: 0 → 9\n/);
    expect(stdout).toMatch(/^QuEE: all common costs [+−]\d+\.\d \([+−]\d/m);
    const [comparison] = readdirSync(join(folder, "runs", "comparisons"));
    expect(readdirSync(join(folder, "runs", "comparisons", comparison ?? "")).sort()).toEqual([
      "accuracy-cost.svg",
      "comparison.json",
    ]);
    expect(quee(folder, "compare", "seed9", "seed9").status).toBe(2);
    expect(quee(folder, "compare", "seed9", "models").stderr).toMatch(/expected the directory of a finished run/);
  });

  test("has no method above the oracle that knows the labels", () => {
    const { curves, comparison } = JSON.parse(readFileSync(join(runOf(folder), "results.json"), "utf8"));
    const roleOf = new Map(comparison.methods.map(({ method, role }: ComparedMethod) => [method, role]));
    const ceiling = curves.find(({ method }: Curve) => method === "oracle-clairvoyant").points;
    const best = Math.max(...ceiling.map(({ top1 }: { top1: number }) => top1));
    for (const { method, points } of curves) {
      if (roleOf.get(method) === "ceiling") continue;
      for (const { top1 } of points) expect(top1, method).toBeLessThanOrEqual(best);
    }
    expect(curves.map(({ method }: Curve) => method)).toEqual([...roleOf.keys()]);
  });

  test("is planned without being done by --dry-run", () => {
    const plan = quee(folder, "run", "tiny.yaml", "clusters.count=5", "--dry-run");
    expect(plan.status).toBe(0);
    expect(plan.stdout).toMatch(
      /cached: prepare, train-heads, quantize-blocks, collect, correct-heads\nto do: cluster, train-gates, collect-rivals, shift, rivals, evaluate, report/,
    );
  });

  test("with a flipped byte in a part of a table collects that part anew, says so, and ends with the same bytes", () => {
    const copy = mkdtempSync(join(tmpdir(), "quee-damaged-"));
    cpSync(folder, copy, { recursive: true });
    const cache = join(copy, "runs", ".cache");
    // Copies are no links: a part and the table that took it over are damaged alike.
    const flip = (file: string) => {
      const bytes = readFileSync(file);
      bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
      writeFileSync(file, bytes);
    };
    const lengths = new Set<number>();
    for (const key of readdirSync(join(cache, "collect"))) {
      const file = join(cache, "collect", key, "validation", "00000.qpp");
      lengths.add(statSync(file).size);
      flip(file);
    }
    const parts = readdirSync(join(cache, "collect-part")).map((key) => join(cache, "collect-part", key, "part.qpp"));
    const damaged = parts.filter((file) => lengths.has(statSync(file).size));
    for (const file of damaged) flip(file);
    // Clusters read every column of validation images.
    rmSync(join(cache, "cluster"), { recursive: true });
    const { status, stderr } = quee(copy, "run", "tiny.yaml");
    expect(status).toBe(0);
    expect(stderr).toMatch(/validation\/00000\.qpp is damaged \(probabilities of .*sha256.*\): collect is made anew/);
    expect(stderr.match(/part\.qpp is damaged .*: this part is collected anew/g)).toHaveLength(1);
    for (const file of ["results.json", "curves.csv"]) {
      expect(readFileSync(join(runOf(copy), file), "utf8")).toBe(readFileSync(join(runOf(folder), file), "utf8"));
    }
    const { stages } = JSON.parse(readFileSync(join(runOf(copy), "timings.json"), "utf8"));
    expect(stages.filter(({ name }: { name: string }) => name === "collect")).toHaveLength(1);
  });

  test("with a flipped byte in the cache stops, names the file and how to go on", () => {
    const copy = mkdtempSync(join(tmpdir(), "quee-corrupt-"));
    cpSync(folder, copy, { recursive: true });
    const stage = join(copy, "runs", ".cache", "cluster");
    for (const key of readdirSync(stage)) {
      const file = join(stage, key, "targets.json");
      const bytes = readFileSync(file);
      bytes[100] = (bytes[100] ?? 0) ^ 1;
      writeFileSync(file, bytes);
    }
    const { status, stderr } = quee(copy, "run", "tiny.yaml");
    expect(status).toBe(7);
    expect(stderr).toMatch(/targets\.json: .*sha.*Delete .* and run again/i);
  });
});

describe("with every rival, two seeds and corrupted images", () => {
  const more = ["rivals=all", "seeds=2", "shift.images=20", "shift.kinds=[noise, jpeg]", "shift.strengths=[1, 5]"];
  const folder = workspace();
  const results = () => JSON.parse(readFileSync(join(runOf(folder), "results.json"), "utf8"));
  beforeAll(() => {
    const { status, stderr } = quee(
      folder,
      "run",
      "tiny.yaml",
      "live.images=0",
      "heads.maxEpochs=1",
      ...more,
      "--threads",
      "2",
    );
    expect(stderr).not.toMatch(/error\[/);
    expect(status).toBe(0);
  }, 120_000);

  test("trained rivals are charged with their trainings, and repeated for each seed", () => {
    const { comparison, curves } = results();
    const trainings = Object.fromEntries(comparison.methods.map((one: ComparedMethod) => [one.method, one.trainings]));
    // 13 λ and the warm-up; α = 0, and 7 α with two targets each; one gate.
    expect(trainings).toMatchObject({ "jei-dnn": 14, "dqnet-gate": 15, quee: 1, "threshold-margin": 0 });
    const seeds = (method: string) => curves.find((curve: Curve) => curve.method === method).seeds?.length ?? 0;
    expect(["quee", "jei-dnn", "dqnet-gate", "static-ptq"].map(seeds)).toEqual([1, 1, 1, 0]);
    const { methods } = JSON.parse(readFileSync(join(runOf(folder), "timings.json"), "utf8"));
    const jei = methods.filter(({ method }: { method: string }) => method === "jei-dnn");
    expect(jei.map(({ seed, seconds }: { seed: number; seconds: number }) => [seed, seconds > 0])).toEqual([
      [0, true],
      [1, true],
    ]);
  });

  test("every model of cost and every condition has its place", () => {
    const { comparison, shift } = results();
    expect(comparison.costModels.map(({ model }: { model: string }) => model)).toEqual([
      "blocks-only",
      "weights-times-activations",
    ]);
    expect(shift.conditions).toHaveLength(4);
    expect(shift.images).toBe(20);
    expect(existsSync(join(runOf(folder), "figures", "shift.svg"))).toBe(true);
  });

  test("a choice of other rivals trains no gate and no rival anew", () => {
    const again = quee(
      folder,
      "run",
      "tiny.yaml",
      "live.images=0",
      "heads.maxEpochs=1",
      ...more.slice(1),
      "rivals=[jei-dnn, static-ptq]",
      "--json",
    );
    expect(again.stderr).toMatch(/train-gates +cached/);
    expect(again.stderr).not.toMatch(/jei-dnn, seed/);
    const { curves } = JSON.parse(readFileSync(join(JSON.parse(again.stdout).run, "results.json"), "utf8"));
    expect(curves.map(({ method }: Curve) => method)).toEqual(["quee", "static-ptq", "jei-dnn"]);
  });

  test("gives the same bytes again elsewhere, from one worker", () => {
    const other = workspace();
    quee(other, "run", "tiny.yaml", "live.images=0", "heads.maxEpochs=1", ...more, "--threads", "1");
    expect(readFileSync(join(runOf(other), "results.json"), "utf8")).toBe(
      readFileSync(
        join(
          folder,
          "runs",
          readdirSync(join(folder, "runs")).find((name) => runOf(other).endsWith(name)) ?? "",
          "results.json",
        ),
        "utf8",
      ),
    );
  }, 120_000);
});

/** Sends a signal as soon as a stage after the first begins. */
async function interrupt(
  folder: string,
  signal: NodeJS.Signals,
  overrides: readonly string[] = [],
): Promise<{ code: number | null; text: string }> {
  const args = [program, "run", "tiny.yaml", ...overrides];
  const child = spawn(process.execPath, args, { cwd: folder, env: environmentOf(folder) });
  let text = "";
  const code = new Promise<number | null>((done) => child.on("exit", done));
  child.stderr.on("data", (chunk) => {
    // The line of `prepare` is written when it is done: then the next stage begins.
    const isFirst = !text.includes("prepare");
    text += String(chunk);
    if (isFirst && text.includes("prepare")) setTimeout(() => child.kill(signal), overrides.length > 0 ? 1000 : 0);
  });
  return { code: await code, text };
}

const statusOf = (folder: string) => JSON.parse(readFileSync(join(runOf(folder), "status.json"), "utf8"));

describe("a run that ends early ends with the same bytes when it is started again:", () => {
  const whole = workspace();
  beforeAll(() => {
    quee(whole, "run", "tiny.yaml");
  });
  const expectSameBytes = (folder: string) =>
    expect(readFileSync(join(runOf(folder), "results.json"), "utf8")).toBe(
      readFileSync(join(runOf(whole), "results.json"), "utf8"),
    );

  test("stopped by ctrl-C, it says how to go on", async () => {
    const folder = workspace();
    const { code, text } = await interrupt(folder, "SIGINT");
    expect(code).toBe(130);
    expect(text).toMatch(/stopped by SIGINT.*the same command goes on/);
    expect(statusOf(folder)).toMatchObject({ state: "stopped" });
    const { status, stderr } = quee(folder, "run", "tiny.yaml");
    expect(status).toBe(0);
    expect(stderr).toMatch(/prepare +cached/);
    expectSameBytes(folder);
  });

  test("stopped among the features of many images, it ends as it should", async () => {
    const folder = workspace();
    const many = ["dataset.train.count=20000", "live.images=0"];
    const { code, text } = await interrupt(folder, "SIGINT", many);
    expect(text).toMatch(/stopped by SIGINT/);
    expect(code).toBe(130);
    expect(existsSync(join(runOf(folder), "run.lock"))).toBe(false);
  });

  test("killed outright, its lock is taken over", async () => {
    const folder = workspace();
    await interrupt(folder, "SIGKILL");
    expect(statusOf(folder)).toMatchObject({ state: "running" });
    const { status, stderr } = quee(folder, "run", "tiny.yaml");
    expect(status).toBe(0);
    expect(stderr).toMatch(/took over the lock of process \d+, which is gone/);
    expectSameBytes(folder);
  });
});

describe("bad input is one clear line and the exit code of the contract:", () => {
  const folder = workspace();
  const model = join(folder, "models", "tiny", "model.onnx");

  test.each([
    ["an unknown verb", ["rum"], 2, /unknown command 'rum'/],
    ["an unknown option", ["run", "tiny.yaml", "--fast"], 2, /unknown option '--fast'/],
    ["a missing argument", ["run"], 2, /missing required argument 'config'/],
    ["no whole number of threads", ["run", "tiny.yaml", "--threads", "0"], 2, /expected a whole number from 1/],
    ["a negative seed", ["run", "tiny.yaml", "--seed=-1"], 2, /expected a whole number from 0/],
    ["an unknown stage", ["stage", "colect", "tiny.yaml"], 2, /Did you mean collect\?/],
    ["an unknown config", ["run", "cifar"], 3, /expected a config: /],
    ["an unknown key", ["run", "tiny.yaml", "heads.epochs=3"], 3, /heads\.epochs: .*unknown key "epochs"/],
    [
      "an exit behind the last layer",
      ["run", "tiny.yaml", "exits=[1, 3]"],
      3,
      /exits: expected the last one behind layer 2/,
    ],
    [
      "a missing model",
      ["run", "tiny.yaml", "backbone.model=none"],
      4,
      /expected the folder of the model, got only tiny/,
    ],
    ["a missing data folder", ["run", "cifar10-t2t-vit-7"], 4, /cifar10: expected a folder with the files of CIFAR-10/],
  ])("%s", (_, args, code, message) => {
    const { status, stdout, stderr } = quee(folder, ...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(code);
    expect(stdout).toBe("");
    expect(stderr.split("\n").filter((line) => line.includes("error["))).toHaveLength(1);
  });

  test("a data file with 3,072 bytes too few", () => {
    const cifar = join(folder, "data", "cifar10");
    mkdirSync(cifar, { recursive: true });
    for (const file of ["data_batch_1.bin", "data_batch_2.bin", "data_batch_5.bin", "test_batch.bin"]) {
      writeFileSync(join(cifar, file), new Uint8Array(3073 * 3 - (file === "test_batch.bin" ? 3072 : 0)));
    }
    const { status, stderr } = quee(
      folder,
      "run",
      "cifar10-t2t-vit-7",
      "dataset.validation.files=[{file: data_batch_5.bin}]",
    );
    expect(status).toBe(4);
    expect(stderr).toMatch(/test_batch\.bin: .*3073/);
  });

  test("a truncated model", () => {
    truncateSync(model, statSync(model).size - 1000);
    const { status, stderr } = quee(folder, "run", "tiny.yaml");
    expect(status).toBe(4);
    expect(stderr).toMatch(/error\[E_\w+\]: .*model\.onnx: /);
  });

  test("with --json the error has fields", () => {
    const { stderr } = quee(folder, "run", "tiny.yaml", "heads.epochs=3", "--json");
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "E_CONFIG", kind: "config", file: "tiny.yaml" } });
  });
});

test("a run that another process holds is left alone", () => {
  const folder = workspace();
  expect(quee(folder, "stage", "prepare", "tiny.yaml").status).toBe(0);
  // Our own process lives, and this is how its lock would look on another host.
  const lock = { pid: process.pid, host: "another-host", startedAt: "2026-01-01", nonce: "x" };
  writeFileSync(join(runOf(folder), "run.lock"), JSON.stringify(lock));
  const { status, stderr } = quee(folder, "run", "tiny.yaml");
  expect(status).toBe(6);
  expect(stderr).toMatch(/got a lock of process \d+ on another-host/);
});

test("a folder where a training was stopped hides no bundled model", () => {
  const folder = workspace();
  mkdirSync(join(folder, "models", "synthetic-digits"));
  const { status, stderr } = quee(folder, "stage", "prepare", "synthetic-digits");
  expect(stderr).not.toMatch(/error/);
  expect(status).toBe(0);
});

describe("a training", () => {
  const folder = workspace();
  const settings = [
    "pretrain.steps=300",
    "pretrain.batchSize=8",
    "pretrain.warmupSteps=0",
    "pretrain.evaluateEvery=100",
    "pretrain.architecture={patchSize: 8, width: 24, depth: 1, heads: 2, mlpRatio: 2}",
    "dataset.validation.count=20",
  ];
  const argsFor = (out: string) => ["pretrain", "synthetic-digits", ...settings, "--out", out];

  test("leaves a model with its descriptions, and is not written over", () => {
    expect(quee(folder, ...argsFor("one")).status).toBe(0);
    expect(readdirSync(join(folder, "one")).sort()).toEqual(["config.json", "model.onnx", "preprocessor_config.json"]);
    const again = quee(folder, ...argsFor("one"));
    expect(again.status).toBe(2);
    expect(again.stderr).toMatch(/model\.onnx: expected no model yet, got one/);
  });

  test("that is stopped goes on from there, to the same bytes", async () => {
    const child = spawn(process.execPath, [program, ...argsFor("two")], { cwd: folder, env: environmentOf(folder) });
    const code = new Promise<number | null>((done) => child.on("exit", done));
    child.stderr.once("data", () => child.kill("SIGINT"));
    expect(await code).toBe(130);
    expect(readdirSync(join(folder, "two"))).toEqual(["checkpoint.bin"]);
    const { status, stderr } = quee(folder, ...argsFor("two"));
    expect(status).toBe(0);
    expect(stderr).toMatch(/goes on after step \d+/);
    expect(readFileSync(join(folder, "two", "model.onnx"))).toEqual(readFileSync(join(folder, "one", "model.onnx")));
  });
});

test("help and version go to standard output and end well", () => {
  const help = quee(workspace(), "--help");
  expect(help).toMatchObject({ status: 0, stderr: "" });
  expect(help.stdout).toMatch(/run[\s\S]*stage[\s\S]*pretrain/);
});
