import { join, resolve } from "node:path";
import { QueeError, show } from "@quee/core";
import { type CheckedFile, checkPublishedFile, downloadFile, type Publication, publications } from "@quee/datasets";
import { nearest } from "../config/nearest.js";
import { openProgress } from "../run/open-progress.js";
import { checkImageNet } from "./check-imagenet.js";
import type { DataLine } from "./data-line.js";

/** What the command line asks of `quee data`. */
export interface DataRequest {
  readonly name: string;
  readonly root?: string;
  readonly download?: boolean;
  readonly mirror?: string;
  readonly json?: boolean;
  readonly signal: AbortSignal;
}

type Publications = Readonly<Record<string, Publication>>;

/** Says what of a dataset is there and whether it is right; with `download`, fetches what is not. */
export async function showData(request: DataRequest, known: Publications = publications): Promise<void> {
  const { name, json = false } = request;
  const names = ["synthetic-digits", ...Object.keys(known), "imagenet"];
  if (!names.includes(name)) throw unknown(name, names);
  const folder = join(resolve(request.root ?? process.env["QUEE_DATA"] ?? "data"), name);
  if (name === "synthetic-digits") {
    if (json) console.log(JSON.stringify({ dataset: name, isComplete: true, files: [] }));
    else console.log("synthetic-digits is made from a seed: there are no files");
    return;
  }
  // ImageNet is given to registered users only.
  const publication = known[name] ?? null;
  if (request.download === true) await fetchMissing(folder, publication, request);
  const lines = publication === null ? await checkImageNet(folder) : await checkFiles(folder, publication);
  const isComplete = lines.every(({ isGood, isOptional }) => isGood || isOptional);
  if (json) console.log(JSON.stringify({ dataset: name, folder, isComplete, files: lines.map(({ facts }) => facts) }));
  else print(publication?.title ?? "ImageNet (ILSVRC 2012)", folder, lines);
  if (!isComplete) throw incomplete(name, folder, lines, publication !== null);
}

async function checkFiles(folder: string, { files }: Publication): Promise<readonly DataLine[]> {
  const lines: DataLine[] = [];
  for (const file of files) {
    for (const checked of await checkPublishedFile(folder, file)) {
      const isOptional = file.isOptional === true && checked.status === "missing";
      lines.push({
        name: checked.name,
        isGood: checked.status === "good",
        isOptional,
        text: describe(checked, isOptional),
        facts: { ...checked },
      });
    }
  }
  return lines;
}

function describe({ status, bytes, expectedBytes, md5, expectedMd5 }: CheckedFile, isOptional: boolean): string {
  switch (status) {
    case "good":
      return `${count(expectedBytes)} bytes, ${expectedMd5 === null ? "no checksum published" : "checksum right"}`;
    case "missing":
      return isOptional ? "missing (not needed)" : "missing";
    case "wrong size":
      return `${count(bytes ?? 0)} bytes instead of ${count(expectedBytes)}`;
    case "wrong checksum":
      return `MD5 ${md5} instead of ${expectedMd5}`;
  }
}

async function fetchMissing(folder: string, publication: Publication | null, request: DataRequest): Promise<void> {
  if (publication === null) throw notOffered();
  const progress = openProgress();
  for (const file of publication.files) {
    if (file.isOptional === true) continue;
    const there = await checkPublishedFile(folder, file);
    if (there.every(({ status }) => status === "good")) continue;
    const url = request.mirror === undefined ? file.url : `${request.mirror.replace(/\/$/, "")}/${file.name}`;
    const line = progress.begin("download");
    line.note(url);
    await downloadFile(
      { ...file, url },
      {
        file: join(folder, file.name),
        signal: request.signal,
        onProgress: (done, total) => line.update(Math.floor(done / 1e6), Math.ceil(total / 1e6), "MB"),
      },
    );
    line.end(join(folder, file.name));
  }
}

function print(title: string, folder: string, lines: readonly DataLine[]): void {
  console.log(`${title} in ${folder}`);
  const width = Math.max(...lines.map(({ name }) => name.length));
  for (const { name, isGood, isOptional, text } of lines) {
    console.log(`${isGood ? "✓" : isOptional ? "·" : "✗"} ${name.padEnd(width)}  ${text}`);
  }
}

function count(n: number): string {
  return n.toLocaleString("en");
}

function unknown(name: string, names: readonly string[]): QueeError {
  const close = nearest(name, names);
  return new QueeError({
    code: "E_DATASET",
    kind: "usage",
    where: "dataset",
    expected: `one of ${names.join(", ")}`,
    got: show(name),
    ...(close === undefined ? {} : { hint: `Did you mean ${close}?` }),
  });
}

function notOffered(): QueeError {
  return new QueeError({
    code: "E_NO_DOWNLOAD",
    kind: "usage",
    where: "--download",
    expected: "a dataset that its publisher gives to everybody",
    got: "imagenet",
    hint: "Register at https://image-net.org, and unpack ILSVRC 2012 as imagenet/train and imagenet/val",
  });
}

function incomplete(name: string, folder: string, lines: readonly DataLine[], isOffered: boolean): QueeError {
  const faults = lines.filter(({ isGood, isOptional }) => !isGood && !isOptional);
  return new QueeError({
    code: "E_DATA_INCOMPLETE",
    kind: "input",
    file: folder,
    expected: `the files of ${name} as published`,
    got: faults.map((line) => `${line.name}: ${line.text}`).join("; "),
    ...(isOffered && { hint: `quee data ${name} --download fetches them` }),
  });
}
