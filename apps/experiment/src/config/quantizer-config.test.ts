import { expect, test } from "vitest";
import { configsFolder } from "../bundled.js";
import { ConfigErrors, loadConfig } from "./load-config.js";

const load = (...overrides: readonly string[]) => loadConfig("synthetic-digits", overrides, configsFolder).config;

/** What the config is told to be wrong. */
function problemOf(override: string): string {
  try {
    load(override);
  } catch (error) {
    return error instanceof ConfigErrors ? error.message : String(error);
  }
  return "nothing";
}

test.each(["synthetic-digits", "cifar10-t2t-vit-7"])("%s is quantized by PTQ4ViT's search on 128 images", (name) => {
  const { quantizer, calibration } = loadConfig(name, [], configsFolder).config;
  expect(calibration.images).toBe(128);
  expect(quantizer).toMatchObject({ method: "ptq4vit", gradient: "ce-pseudo", compatibility: "paper", twins: true });
});

test("without a word on it the search is taken, with its defaults", () => {
  expect(load("quantizer={method: ptq4vit}").quantizer).toEqual(load().quantizer);
  const fixed = load("quantizer={method: min-max, stem: float}", "paths.first=highest");
  expect(fixed.quantizer).toEqual({ method: "min-max", stem: "float" });
});

test("levels may be left to the accuracy of the network", () => {
  expect(load("levels=auto").levels).toBe("auto");
});

test.each([
  ["levels=most", /levels: expected auto, or distinct bit-widths from 2 to 8, got "most"/],
  ["levels=[8, 8]", /levels: expected .*distinct bit-widths/],
  ["levels=[9]", /levels.*: expected .*(at most 8|from 2 to 8)/],
  ["quantizer.method=best", /quantizer\.method: expected one of ptq4vit, min-max, got "best"/],
  ["quantizer.stem=lowest", /quantizer\.stem: expected one of highest, levels, float, got "lowest"/],
])("%s is refused with what is possible", (override, message) => {
  expect(problemOf(override)).toMatch(message);
});
