import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { tinyRun } from "./tiny-run.test.fixture.js";

const { folder, run, quee, makeRun } = tinyRun();

beforeAll(() => makeRun("train-gates"), 120_000);

const few = ["--seeds", "1", "--threads", "1", "--only", "classes,depth-and-width,cluster-boxes,certificate"];

describe("quee analyse", () => {
  test("says what it would do and does nothing", () => {
    const { status, stdout } = quee("analyse", run, ...few, "--dry-run", "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      out: join(run, "analysis"),
      cached: [],
      toDo: ["classes", "depth-and-width", "cluster-boxes", "certificate"],
    });
    expect(existsSync(join(run, "analysis"))).toBe(false);
  });

  test("writes a page, and data, tables and figures of each analysis", () => {
    const { status, stdout, stderr } = quee("analyse", run, ...few, "--json");
    expect(stderr).not.toContain("error[");
    expect(status).toBe(0);
    const out = join(run, "analysis");
    expect(JSON.parse(stdout)).toMatchObject({ out, seeds: 1, analyses: [{ name: "classes" }, {}, {}, {}] });
    const page = readFileSync(join(out, "analysis.html"), "utf8");
    for (const name of ["classes", "depth-and-width", "cluster-boxes", "certificate"]) {
      expect(page).toContain(`<div id="${name}">`);
      expect(JSON.parse(readFileSync(join(out, `${name}.json`), "utf8"))).toMatchObject({ analysis: name });
    }
    expect(page).not.toMatch(/NaN|undefined/);
    expect(readFileSync(join(out, "classes-classes.csv"), "utf8").split("\r\n")).toHaveLength(12);
    expect(readdirSync(join(out, "figures"))).toContain("depth-and-width-curves.svg");
  }, 120_000);

  test("makes nothing again, and writes the same bytes", () => {
    const page = join(run, "analysis", "analysis.html");
    const before = readFileSync(page);
    const written = statSync(page).mtimeMs;
    const { stderr } = quee("analyse", run, ...few);
    expect(stderr.match(/cached/g)?.length).toBeGreaterThanOrEqual(8);
    expect(statSync(page).mtimeMs).toBeGreaterThan(written);
    expect(readFileSync(page).equals(before)).toBe(true);
  }, 60_000);

  test("compares over all seeds, with intervals; the search with its winner", () => {
    const out = join(folder, "compared");
    const names = "first-gate,next-step,search,heads";
    const { status, stdout } = quee(
      "analyse",
      run,
      "--seeds",
      "2",
      "--threads",
      "1",
      "--only",
      names,
      "--out",
      out,
      "--json",
    );
    expect(status).toBe(0);
    const texts: readonly { readonly name: string; readonly text: readonly string[] }[] = JSON.parse(stdout).analyses;
    for (const { name, text } of texts.filter((one) => one.name !== "search")) {
      for (const line of text) expect(line, name).toMatch(/\d ± \d/);
    }
    const confirmed = readFileSync(join(out, "search-confirmed.csv"), "utf8").split("\r\n");
    expect(confirmed[1]).toMatch(/^as configured,\d+\.\d+ ± \d+\.\d+,\d+\.\d+ ± \d+\.\d+$/);
    expect(readFileSync(join(out, "heads-heads.csv"), "utf8").split("\r\n").slice(1, 4)).toEqual([
      expect.stringMatching(/^1,8,/),
      expect.stringMatching(/^2,8,/),
      expect.stringMatching(/^2,5,/),
    ]);
    expect(readFileSync(join(out, "analysis.html"), "utf8")).not.toMatch(/NaN|undefined/);
  }, 120_000);

  test("refuses what is no run, and names analyses that it has not", () => {
    const nothing = quee("analyse", join(folder, "models"));
    expect(nothing.status).toBe(2);
    expect(nothing.stderr).toContain("config.resolved.yaml");
    const unknown = quee("analyse", run, "--only", "ablatoin");
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain("Did you mean ablation?");
  });
});
