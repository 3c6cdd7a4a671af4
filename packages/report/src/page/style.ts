/** Colours are variables with a light and a dark value; figures use the same ones. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #fcfbf9; --figure-paper: #fcfbf9; --ink: #1d1d1b; --muted: #6b6a66; --rule: #e3e0d9; --soft: #f3f1ec;
  --quee: #0a5fb4; --static: #5c5a55;
  --rival-1: #c8501e; --rival-2: #00795c; --rival-3: #9c4598; --rival-4: #94740a; --rival-5: #3a7d99;
  --figure-font: system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #17181a; --figure-paper: #17181a; --ink: #e9e7e2; --muted: #a09e98; --rule: #34363a; --soft: #202225;
    --quee: #63b0ff; --static: #b5b2aa;
    --rival-1: #ff9466; --rival-2: #4fc9a4; --rival-3: #dd92d9; --rival-4: #d9b64a; --rival-5: #7fc0dc;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 17px/1.55 Charter, "Bitstream Charter", "Iowan Old Style", "Palatino Linotype", Georgia, serif;
}
main { max-width: 808px; margin: 0 auto; padding: 56px 24px 96px; }
h1 { font-size: 34px; line-height: 1.2; font-weight: 600; letter-spacing: -0.012em; margin: 8px 0 16px; text-wrap: balance; }
h2 { font-size: 22px; line-height: 1.3; font-weight: 600; margin: 64px 0 8px; }
p { margin: 8px 0 16px; max-width: 66ch; text-wrap: pretty; }
.kicker, .facts, table, figcaption, .path, .small { font-family: var(--figure-font); }
.kicker { color: var(--muted); font-size: 14px; margin: 0; }
.facts { display: flex; flex-wrap: wrap; gap: 12px 40px; margin: 24px 0 8px; padding: 0; list-style: none; font-size: 13px; color: var(--muted); }
.facts b { display: block; font-size: 21px; line-height: 1.3; font-weight: 600; color: var(--ink); font-variant-numeric: tabular-nums; }
figure { margin: 20px 0 0; overflow-x: auto; }
/* On a narrow screen figures scroll: their letters stay readable. */
figure svg { display: block; min-width: 620px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; line-height: 1.4; font-variant-numeric: tabular-nums; width: 100%; margin: 16px 0; }
th { font-weight: 500; color: var(--muted); text-align: right; vertical-align: bottom; }
td { text-align: right; }
th, td { padding: 7px 0 7px 18px; border-bottom: 1px solid var(--rule); }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
td small { display: block; white-space: nowrap; color: var(--muted); font-size: 12px; }
td.main { color: var(--quee); font-weight: 600; }
td.main small { font-weight: 400; }
.small { font-size: 13px; line-height: 1.5; color: var(--muted); }
.paths { display: grid; gap: 20px; margin-top: 16px; }
.path { display: grid; grid-template-columns: 150px 1fr; gap: 16px; align-items: start; font-size: 13px; color: var(--muted); }
.path b { display: block; color: var(--ink); font-size: 15px; font-weight: 600; }
.images { display: flex; flex-wrap: wrap; gap: 12px; }
.images div { width: 72px; line-height: 1.3; overflow-wrap: anywhere; }
.images img { display: block; width: 72px; height: 72px; border-radius: 3px; image-rendering: pixelated; margin-bottom: 4px; background: var(--soft); }
.wrong { color: var(--rival-1); }
dl { font-family: var(--figure-font); font-size: 14px; display: grid; grid-template-columns: max-content 1fr; gap: 6px 24px; margin: 16px 0; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
#tip {
  position: absolute; left: 0; top: 0; pointer-events: none; white-space: pre-line; z-index: 1; max-width: 320px;
  background: var(--ink); color: var(--page); font: 12px/1.45 var(--figure-font); padding: 7px 10px; border-radius: 4px;
  font-variant-numeric: tabular-nums; opacity: 0; transition: opacity .1s;
}
#tip.shown { opacity: 1; }
[data-tip].near { stroke: var(--ink); stroke-width: 1.5; }
@media (max-width: 560px) {
  h1 { font-size: 27px; }
  .path { grid-template-columns: 1fr; gap: 8px; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 8px; }
}
@media print { main { padding: 0; max-width: none; } h2 { break-after: avoid; } figure, .path { break-inside: avoid; } }
@media (prefers-reduced-motion: reduce) { #tip { transition: none; } }
`;
