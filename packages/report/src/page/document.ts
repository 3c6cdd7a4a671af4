import { element, type Markup, text } from "../svg.js";
import { script } from "./script.js";
import { style } from "./style.js";

/** Nothing is loaded from anywhere: the file opens offline and from a mail. */
const contentPolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/** A page that is one file. */
export function document(title: string, body: Markup): string {
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    element("title", {}, text(title)),
    `<style>${style}</style>`,
    "</head>",
    `<body>${body}<div id="tip" role="status"></div>`,
    `<script>${script}</script>`,
    "</body>",
    "</html>",
    "",
  ].join("\n");
}
