import { ink, muted, paper, rule } from "./palette.js";
import { figureElement, label } from "./plot-frame.js";
import { element, type Markup, text } from "./svg.js";
import { finePercent } from "./words.js";

/** What it does to a network to round one thing alone, at one bit-width. */
export interface SensitivityCell {
  /** `stem`, `block 1` …, `head` */
  readonly part: string;
  /** One product of the part; null: all of them. */
  readonly site: { readonly node: string; readonly role: string } | null;
  readonly bits: number;
  /** Of its output: 1 is as large as the output itself. */
  readonly relativeError: number;
  /** Of the network's answers, in nats. */
  readonly klDivergence: number;
}

interface Row {
  readonly name: string;
  readonly isPart: boolean;
  /** By bit-width. */
  readonly cells: ReadonlyMap<number, SensitivityCell>;
}

const width = 760;
const nameWidth = 150;
const gap = 28;
const rowHeight = 20;
const top = 74;
const hot = "var(--rival-1, #c8501e)";

/** Products × bit-widths, once by the error of the product's output and once by how far the answers move; darker is worse. */
export function sensitivityFigure(
  cells: readonly SensitivityCell[],
  { network }: { readonly network: string },
): string {
  const rows = rowsOf(cells);
  const levels = [...new Set(cells.map(({ bits }) => bits))].sort((a, b) => b - a);
  const panelWidth = (width - nameWidth - gap - 12) / 2;
  const panels = [
    {
      left: nameWidth,
      words: "error of its output",
      value: (cell: SensitivityCell) => cell.relativeError,
      say: percentText,
      decades: 2,
    },
    {
      left: nameWidth + panelWidth + gap,
      words: "KL(float ‖ rounded) of the answers, nats",
      value: (cell: SensitivityCell) => cell.klDivergence,
      say: natsText,
      decades: 5,
    },
  ];
  const marks = panels.flatMap(({ left, words, value, say, decades }) => {
    const shade = logarithmicShade(cells.map(value), decades);
    const cellWidth = panelWidth / levels.length;
    return [
      label(words, { x: left, y: top - 32, anchor: "start", color: ink }),
      ...levels.map((bits, l) =>
        label(`${bits} bits`, { x: left + (l + 0.5) * cellWidth, y: top - 10, anchor: "middle" }),
      ),
      ...rows.flatMap((row, r) =>
        levels.flatMap((bits, l) => {
          const cell = row.cells.get(bits);
          const place = { x: left + l * cellWidth, y: yOf(rows, r), width: cellWidth };
          return cell === undefined
            ? []
            : cellMarks(`${row.name}, ${bits} bits`, place, shade(value(cell)), say(value(cell)));
        }),
      ),
    ];
  });
  return figureElement(
    { width, height: yOf(rows, rows.length) + 12 },
    { title: `Sensitivity of ${network} to rounding`, description: "Each product and each part rounded alone" },
    label("each product alone, each part alone; everything else in float", { x: 12, y: 20, anchor: "start" }),
    ...rows.map(({ name, isPart }, r) =>
      label(name, {
        ...{ x: isPart ? 12 : 24, y: yOf(rows, r) + rowHeight / 2 + 4, anchor: "start" as const },
        ...(isPart ? { color: ink, weight: 600 } : { color: muted }),
      }),
    ),
    ...marks,
  );
}

/** A little air above each part. */
function yOf(rows: readonly Row[], row: number): number {
  return top + row * rowHeight + 6 * rows.slice(1, row + 1).filter(({ isPart }) => isPart).length;
}

function cellMarks(
  name: string,
  { x, y, width: cellWidth }: { readonly x: number; readonly y: number; readonly width: number },
  shade: number,
  words: string,
): readonly Markup[] {
  const box = { x: x + 1, y: y + 1, width: cellWidth - 2, height: rowHeight - 2, rx: 2 };
  return [
    element("rect", { ...box, style: `fill:${rule};fill-opacity:.35` }),
    element(
      "rect",
      { ...box, "data-tip": "", style: `fill:${hot};fill-opacity:${(0.9 * shade).toFixed(3)}` },
      element("title", {}, text(`${name}: ${words}`)),
    ),
    label(words, {
      ...{ x: x + cellWidth / 2, y: y + rowHeight / 2 + 4, anchor: "middle" as const, size: 11 },
      color: shade > 0.7 ? paper : ink,
    }),
  ];
}

/** 0 … 1 by the logarithm, over at most some decades below the largest; zeros are 0. */
function logarithmicShade(values: readonly number[], decades: number): (value: number) => number {
  const positive = values.filter((value) => value > 0);
  const most = Math.log10(Math.max(...positive));
  const least = Math.max(Math.log10(Math.min(...positive)), most - decades);
  return (value) => (value <= 0 ? 0 : most === least ? 1 : Math.max(0, (Math.log10(value) - least) / (most - least)));
}

function percentText(fraction: number): string {
  return fraction > 0 && fraction < 1e-5 ? `< 0.001${"\u00a0"}%` : finePercent(fraction);
}

/** Two digits. */
function natsText(value: number): string {
  if (value === 0) return "0";
  if (value < 1e-6) return "< 1e-6";
  return value < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(2)));
}

/** Rows in the order of the cells. Products of one role in a part are counted. */
function rowsOf(cells: readonly SensitivityCell[]): readonly Row[] {
  const groups = new Map<string, SensitivityCell[]>();
  for (const cell of cells) {
    const key = JSON.stringify([cell.part, cell.site?.node ?? null]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [cell]);
    else group.push(cell);
  }
  const firsts = [...groups.values()].map(([first]) => first as SensitivityCell);
  return [...groups.values()].map((group) => {
    const { part, site } = group[0] as SensitivityCell;
    const alike = firsts.filter((one) => one.part === part && one.site !== null && one.site.role === site?.role);
    const number = alike.findIndex((one) => one.site?.node === site?.node) + 1;
    const name = site === null ? part : alike.length > 1 ? `${site.role} ${number}` : site.role;
    return { name, isPart: site === null, cells: new Map(group.map((cell) => [cell.bits, cell])) };
  });
}
