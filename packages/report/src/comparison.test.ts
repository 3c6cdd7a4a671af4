import { expect, test } from "vitest";
import { accuracyCostFigure } from "./accuracy-cost-figure.js";
import { madeUpComparedResults, madeUpShift } from "./made-up-comparison.test.data.js";
import { madeUpResults } from "./made-up-results.test.data.js";
import { reportHtml } from "./page/report-html.js";
import { checkPaperStatements } from "./paper-statements.js";
import { reportMarkdown } from "./report-markdown.js";
import { resultsSchema } from "./results-schema.js";
import { shiftFigure } from "./shift-figure.js";
import { shownMethods } from "./shown-methods.js";
import { verdictLines } from "./verdict.js";
import { readXml } from "./well-formed.test.data.js";

const timings = {
  schemaVersion: 1,
  stages: [],
  methods: [{ method: "jei-dnn", seed: 1, trainings: 14, seconds: 31.25 }],
} as const;
const parts = () => ({
  results: madeUpComparedResults(),
  timings: { ...timings, stages: [], methods: [...timings.methods] },
});
const holds = (claim: RegExp) => checkPaperStatements(madeUpComparedResults()).find((one) => claim.test(one.claim));

test("compared results are legal, and a method without a curve is not", () => {
  const results = madeUpComparedResults();
  expect(resultsSchema.parse(results).comparison?.methods).toHaveLength(7);
  results.curves = results.curves.filter(({ method }) => method !== "random");
  expect(resultsSchema.safeParse(results).error?.issues[0]?.path).toEqual(["comparison", "methods", 6, "method"]);
});

test("the verdict counts wins, losses and ties by their intervals, and bounds are no rivals", () => {
  const [first, wins, losses, where] = verdictLines(madeUpComparedResults());
  expect(first).toContain("more accurate than 1 of 3 rivals, less accurate than 1, and too close to call with 1");
  expect(wins).toBe("It beats the best single bit-width (+3.0\u00a0points).");
  expect(losses).toBe("It loses to JEI-DNN (−0.6\u00a0points).");
  expect(where).toMatch(/\+0\.4\u00a0points \(−0\.1 to \+0\.9\) at costs of 45\u00a0% to 70\u00a0%, −1\.6/);
});

test("the verdict says why it loses, what is left to the predictors, and where costs do not meet", () => {
  const words = verdictLines(madeUpComparedResults()).join("\n");
  expect(words).toContain(
    "The first exit is the cheapest right answer for 78.1\u00a0% of the images; 92.1\u00a0% are right on some path",
  );
  expect(words).toContain("Gates that foresaw their targets would have +5.0\u00a0points more");
  expect(words).toContain("QuEE has +6.0\u00a0points against routing by lot.");
  expect(words).toMatch(
    /DQNet gate costs 96\u00a0% to 99\u00a0%, QuEE 45\u00a0% to 95\u00a0%: there is no cost in common; when both may spend 100/,
  );
});

test("the verdict says where a stronger rival starts at fewer bits than QuEE may", () => {
  const results = madeUpComparedResults();
  const jei = results.curves.find(({ method }) => method === "jei-dnn")!;
  jei.points = jei.points.map((point) => ({ ...point, pathShares: { "8-8": 0.25, "5-5-5": 0.75 } }));
  expect(verdictLines(results).join("\n")).toContain(
    "Of its images 75\u00a0% run stem and first block at fewer than 8 bits, which QuEE's do not.",
  );
  const quee = results.curves.find(({ method }) => method === "quee")!;
  quee.points = quee.points.map((point) => ({ ...point, pathShares: { "8-8": 0.5, "7-7": 0.5 } }));
  expect(verdictLines(results).join("\n")).toContain("at fewer than 8 bits, of QuEE's 50\u00a0%.");
});

test("without a comparison there is nothing to say", () => {
  expect(verdictLines(madeUpResults())).toEqual([]);
  expect(checkPaperStatements(madeUpResults())).toEqual([]);
});

test.each([
  [/QuEE outperforms/, "in part"],
  [/JEI-DNN is better than QuEE/, "in part"],
  [/limited in the costs/, "yes"],
  [/better than one bit-width/, "yes"],
  [/trained once/, "yes"],
  [/unstable/, "yes"],
  [/equally good/, "not decided here"],
])("the paper's statement %s is checked: %s", (claim, answer) => {
  expect(holds(claim)?.holds).toBe(answer);
});

test("statements turn with the numbers", () => {
  const results = madeUpComparedResults();
  const { methods, pairs } = results.comparison ?? { methods: [], pairs: [] };
  for (const one of methods)
    if (one.method === "dqnet-gate") Object.assign(one, { range: { from: 0.3, to: 1 }, trainings: 1 });
  for (const one of pairs)
    if (one.first === "dqnet-gate") Object.assign(one, { whole: { ...one.whole, low: -0.02, high: -0.01 } });
  const answers = checkPaperStatements(results).map((one) => one.holds);
  expect(answers.slice(2, 5)).toEqual(["no", "no", "no"]);
});

test("the main figure shows the paper's methods and the strongest rival, the other one all", () => {
  const results = madeUpComparedResults();
  results.curves.push({ ...results.curves[2]!, method: "patience" }, { ...results.curves[2]!, method: "deferral" });
  const { methods, pairs } = results.comparison!;
  for (const method of ["patience", "deferral"]) {
    methods.push({ ...methods[2]!, method });
    pairs.push({
      ...pairs[2]!,
      second: method,
      whole: { ...pairs[2]!.whole!, difference: method === "deferral" ? -0.3 : -0.2 },
    });
  }
  const shown = ["quee", "static-ptq", "threshold-max-probability", "jei-dnn", "dqnet-gate", "deferral"];
  expect(shownMethods(results)).toEqual(shown);
  const main = accuracyCostFigure(results, { methods: shownMethods(results) });
  expect(main).not.toContain("PABEE");
  // One band for every line: all but static-ptq.
  expect(main.match(/fill-opacity/g)).toHaveLength(5);
  const all = accuracyCostFigure(results);
  expect(all).toContain("PABEE");
  // Of many curves only QuEE has a band, and names stand in the legend alone.
  expect(all.match(/fill-opacity/g)).toHaveLength(1);
  expect(all.match(/>QuEE<\/text>/g)).toHaveLength(1);
  expect(main.match(/>QuEE<\/text>/g)).toHaveLength(2);
});

test("page and Markdown say verdict, differences, effort and statements", () => {
  const html = reportHtml({ ...parts(), environment: {}, examples: [] });
  readXml(/<body>(.*?)<script>/s.exec(html)?.[1] ?? "");
  const markdown = reportMarkdown(parts());
  for (const title of [
    "What the comparison says",
    "QuEE against each rival at the same cost",
    "What a curve takes",
    "If cost is counted otherwise",
  ]) {
    expect(html).toContain(`<h2>${title}</h2>`);
    expect(markdown).toContain(`\n## ${title}\n`);
  }
  expect(markdown).toMatch(/\| One bit-width for all \| \*\*\+3\.0\*\* \(\+2\.5 … \+3\.5\) \| /);
  expect(markdown).toMatch(/\| JEI-DNN \| 14 \| 31\.3\u00a0s \| 30 \| 20 \| 1\.40\u00a0% \| – \| 70\u00a0% \|/);
  expect(markdown).not.toMatch(/NaN|undefined|null/);
});

test("names from outside are no Markdown", () => {
  const { results, ...others } = parts();
  results.curves[2]!.method = "a|b <script> *c*";
  results.comparison!.methods[2]!.method = "a|b <script> *c*";
  results.comparison!.pairs[1]!.second = "a|b <script> *c*";
  expect(reportMarkdown({ results, ...others })).toContain("| a\\|b \\<script\\> \\*c\\* |");
});

test("the shift figure draws each method from clean to worst, and Markdown lists every condition", () => {
  const results = madeUpComparedResults();
  expect(shiftFigure(results)).toBeNull();
  results.shift = madeUpShift(results);
  results.operatingPoints = results.operatingPoints.filter(({ budget }) => budget === 0.7);
  const svg = shiftFigure(resultsSchema.parse(results)) ?? "";
  readXml(svg);
  expect(svg).not.toMatch(/NaN|undefined/);
  // Two methods at three places, in two panels.
  expect(svg.match(/<circle[^>]*data-tip/g)).toHaveLength(12);
  expect(svg).toContain("QuEE, strength 5\ntop-1 40.0\u00a0%, cost 70.0\u00a0%");
  const unmet = structuredClone(results);
  for (const one of unmet.shift?.conditions ?? []) one.points = one.points.filter(({ method }) => method !== "quee");
  expect(shiftFigure(unmet)).toBeNull();
  const markdown = reportMarkdown({ results, timings: { schemaVersion: 1, stages: [] } });
  expect(markdown).toContain("| noise 5 | 40.0\u00a0% (70\u00a0%) | 40.0\u00a0% (70\u00a0%) |");
});
