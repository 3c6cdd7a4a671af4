/**
 * Reads markup the way XML is read: every element closed in order, attributes quoted and named once, no bare & or <.
 * @returns names of elements in the order of their beginning. @throws Error naming the place
 */
export function readXml(markup: string): readonly string[] {
  const open: string[] = [];
  const names: string[] = [];
  const token = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  let at = 0;
  for (let match = token.exec(markup); match !== null; match = token.exec(markup)) {
    at = token.lastIndex;
    const [, close, name, attributes = "", selfClosed, characters] = match;
    const entities = (characters ?? attributes).replace(/&(?:amp|lt|gt|quot|#39);/g, "");
    if (entities.includes("&")) throw new Error(`bare & before character ${at}`);
    if (name === undefined) continue;
    const keys = [...attributes.matchAll(/([\w:-]+)="/g)].map(([, key]) => key);
    if (new Set(keys).size !== keys.length) throw new Error(`an attribute twice before character ${at}`);
    if (close === "/") {
      if (open.pop() !== name) throw new Error(`</${name}> closes something else at character ${at}`);
    } else {
      names.push(name);
      if (selfClosed !== "/") open.push(name);
    }
  }
  if (at !== markup.length) throw new Error(`not markup at character ${at}: ${markup.slice(at, at + 40)}`);
  if (open.length > 0) throw new Error(`never closed: ${open.join(", ")}`);
  return names;
}
