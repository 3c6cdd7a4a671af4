import { expect, test } from "vitest";
import { duration, Progress, type ProgressSink } from "./progress.js";

function recorder(isTerminal: boolean) {
  const written: string[] = [];
  const clock = { now: 0 };
  const sink: ProgressSink = { isTerminal, columns: 80, write: (text) => written.push(text), now: () => clock.now };
  return { sink, clock, text: () => written.join("") };
}

test("off a terminal, a stage writes a plain line every five seconds and one at its end", () => {
  const { sink, clock, text } = recorder(false);
  const stage = new Progress(sink).begin("collect");
  for (let second = 0; second <= 12; second++) {
    clock.now = second * 1000;
    stage.update(second * 100, 2400, "images");
  }
  stage.end("done in 12 s");
  expect(text().split("\n")).toEqual([
    "collect         20 % 500/2,400 images, 100/s, 19 s left",
    "collect         41 % 1,000/2,400 images, 100/s, 14 s left",
    "collect         done in 12 s",
    "",
  ]);
  expect(text()).not.toContain("\u001b");
});

test("on a terminal the line rewrites itself and a note clears it first", () => {
  const { sink, clock, text } = recorder(true);
  const stage = new Progress(sink).begin("cluster");
  clock.now = 1000;
  stage.update(1, 4, "paths");
  stage.note("one cell was empty");
  stage.end("done");
  expect(text()).toContain("\r\u001b[2Kcluster         █████░░░░░░░░░░░░░░░  25 % 1/4 paths, 1.0/s, 3 s left");
  expect(text().endsWith("\r\u001b[2K  one cell was empty\ncluster         done\n")).toBe(true);
});

test("a narrow terminal gets a line that fits", () => {
  const { sink, clock, text } = recorder(true);
  const narrow = { ...sink, columns: 30 };
  const stage = new Progress(narrow).begin("collect");
  clock.now = 1000;
  stage.update(1, 4, "images");
  for (const line of text().split("\r\u001b[2K")) expect(line.length).toBeLessThan(30);
});

test.each([
  [0, "0 s"],
  [59.4, "59 s"],
  [60, "1:00"],
  [3723, "1:02:03"],
])("%s seconds are written %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
