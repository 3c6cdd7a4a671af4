import { expect, test } from "vitest";
import { madeUpResults } from "../made-up-results.test.data.js";
import { imageDataUri } from "../png.js";
import { readXml } from "../well-formed.test.data.js";
import { type ReportParts, reportHtml } from "./report-html.js";

function parts(): ReportParts {
  const dataUri = imageDataUri(new Uint8Array(3 * 4 * 4).fill(120), 4, 4);
  return {
    results: madeUpResults(),
    timings: {
      schemaVersion: 1,
      stages: [
        { name: "collect", seconds: 95.4, cpuSeconds: 180.2, peakRssBytes: 5e8, cached: false },
        { name: "prepare", seconds: 0.1, cpuSeconds: 0.1, peakRssBytes: 1e8, cached: true },
      ],
    },
    environment: { Node: "v20.19.5", Processor: "2 × x86-64" },
    examples: [
      { path: "8", label: "seven", predicted: "seven", dataUri },
      { path: "8-8-5", label: "three", predicted: "eight", dataUri },
    ],
  };
}

/** The page's body as XML; HTML only adds the document type, and elements without an end in the head. */
function bodyOf(html: string): string {
  return /<body>(.*?)<script>/s.exec(html)![1]!;
}

const headings = (html: string): string[] => [...html.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, words]) => words!);

test("the page has every section, in the order in which people ask", () => {
  expect(headings(reportHtml(parts()))).toEqual([
    "Accuracy against computation",
    "Which λ for which budget",
    "Where images leave",
    "Which classes leave where",
    "What goes where",
    "How well the gates predict errors",
    "How it was measured",
    "Time and machine",
  ]);
});

test("the body is well-formed, with three figures and no NaN", () => {
  const body = bodyOf(reportHtml(parts()));
  expect(readXml(body).filter((name) => name === "svg")).toHaveLength(3);
  expect(body).not.toMatch(/NaN|Infinity|undefined|\[object/);
});

test("the page loads nothing from anywhere", () => {
  const html = reportHtml(parts());
  expect(html).toContain("default-src 'none'");
  const addresses = [...html.matchAll(/(?:src|href|url)\s*[=(]\s*"?([^"\s>)]+)/g)].map(([, address]) => address!);
  expect(addresses.filter((address) => !address.startsWith("data:image/png;base64,"))).toEqual([]);
  expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:/);
});

test("the page says how it was measured: cost model, exit and arithmetic of every curve", () => {
  const { results, ...others } = parts();
  results.curves[0]!.exit = "staged";
  results.curves[0]!.arithmetic = "integer";
  const body = bodyOf(reportHtml({ results, ...others }));
  expect(body).toContain("true multiplications × bits, with stem, heads and gates");
  expect(body).toContain("QuEE: staged, only the chosen blocks ran, integer arithmetic");
  expect(body).toContain("One bit-width for all, Confidence threshold: replayed");
});

test("the page says what λ weighs and where block 1 runs, where these are not the defaults", () => {
  const { results, ...others } = parts();
  const plain = bodyOf(reportHtml({ results, ...others }));
  expect(plain).toContain("block 1 at the most bits");
  expect(plain).not.toContain("Routing");
  results.cost.routing = "blocks-only";
  results.curves[0]!.points[0]!.firstBits = 6;
  results.operatingPoints[1]!.firstBits = 6;
  const body = bodyOf(reportHtml({ results, ...others }));
  expect(body).toContain("λ weighs multiplications × bits of the blocks alone");
  expect(body).toContain("block 1 at the bits that validation images chose for each λ");
  expect(body).toContain("block 1 at 6 bits");
});

test("examples stand under their path, and wrong answers are told", () => {
  const body = bodyOf(reportHtml(parts()));
  expect(body).toContain("<b>8 → 8 → 5</b>");
  expect(body).toContain("leaves at exit 3, after layer 6");
  expect(body.match(/class="wrong">not eight</g)).toHaveLength(1);
  expect(body).not.toContain("not seven");
});

test("budgets out of reach, and what comes from the cache, are said", () => {
  const body = bodyOf(reportHtml(parts()));
  expect(body).toContain("out of reach");
  expect(body).toContain("from the cache");
  expect(body).toContain("1\u00a0min 35\u00a0s");
});

test("sections without content are left out", () => {
  const { results } = parts();
  results.gates = [];
  results.operatingPoints = [];
  results.classes.points = [];
  const html = reportHtml({ results, timings: { schemaVersion: 1, stages: [] }, environment: {}, examples: [] });
  readXml(bodyOf(html));
  expect(headings(html)).toEqual(["Accuracy against computation", "Where images leave", "How it was measured"]);
});

test("hostile names stay text", () => {
  const hostile = `</title></style><script>alert(1)</script><img src=x onerror="alert(1)">`;
  const { results, ...others } = parts();
  results.dataset = hostile;
  results.backbone.name = hostile;
  results.experiment.config = hostile;
  const html = reportHtml({
    ...others,
    results,
    environment: { [hostile]: hostile },
    examples: [{ path: hostile, label: hostile, predicted: "x", dataUri: `"><script>alert(1)</script>` }],
  });
  readXml(bodyOf(html));
  expect(html.match(/<script>/g)).toHaveLength(1);
  expect(html.match(/<\/style>/g)).toHaveLength(1);
  expect(html).not.toContain("<img src=x");
});

test("the same parts give the same bytes", () => {
  expect(reportHtml(parts())).toBe(reportHtml(parts()));
});
