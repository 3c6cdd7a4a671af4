import { bits } from "@quee/core";
import { expect, test } from "vitest";
import { walkProgram } from "./walk-program.js";

const blocks = { exitCount: 3, classCount: 2, model: (block: number, level: number) => `${block}@${level}` };

test("a walk goes depth first, feeds children from their parent, and answers what was asked for alone", () => {
  const [eight, six] = [bits(8), bits(6)];
  const { program, answers } = walkProgram(blocks, [
    [eight, eight, six],
    [eight, six],
    [eight, six, six],
  ]);
  const from = (step: number) => ({ hidden_states_in: { from: "step", step, output: "hidden_states" } });
  expect(program.steps).toEqual([
    { model: "1@8", feeds: { pixel_values: { from: "input", name: "pixel_values" } } },
    { model: "2@8", feeds: from(0) },
    { model: "3@6", feeds: from(1) },
    { model: "2@6", feeds: from(0) },
    { model: "3@6", feeds: from(3) },
  ]);
  expect(program.outputs).toEqual({
    "8-8-6": { step: 2, output: "logits" },
    "8-6": { step: 3, output: "logits" },
    "8-6-6": { step: 4, output: "logits" },
  });
  expect(answers.map(({ output, model }) => [output, model])).toEqual([
    ["8-8-6", "3@6"],
    ["8-6", "2@6"],
    ["8-6-6", "3@6"],
  ]);
});
