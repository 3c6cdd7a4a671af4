import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { errorOf } from "../testing/error-of.js";
import { downloadFile } from "./download-file.js";

const root = mkdtempSync(join(tmpdir(), "quee-download-"));
afterAll(() => rmSync(root, { recursive: true }));

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) % 256);
const md5 = createHash("md5").update(content).digest("hex");
const file = join(root, "data", "set.bin");

type Answer = (request: IncomingMessage, response: ServerResponse, from: number) => void;
let server: Server;
let answers: Answer[];
let requests: { range: string | undefined; encoding: string | string[] | undefined }[];

beforeEach(async () => {
  requests = [];
  answers = [];
  server = createServer((request, response) => {
    const { range } = request.headers;
    requests.push({ range, encoding: request.headers["accept-encoding"] });
    const from = Number(/bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
    (answers.shift() ?? rangesServed)(request, response, from);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(join(root, "data"), { recursive: true, force: true });
});

const rangesServed: Answer = (_request, response, from) => {
  if (from > 0) response.writeHead(206, { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` });
  response.end(content.subarray(from));
};
/** Sends some bytes, then cuts the connection. */
const cutAfter =
  (bytes: number): Answer =>
  (_request, response, from) => {
    const isPart = from > 0;
    response.writeHead(isPart ? 206 : 200, {
      "content-length": content.length - from,
      ...(isPart && { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` }),
    });
    // A reset at once could overtake the bytes.
    response.write(content.subarray(from, from + bytes), () => setTimeout(() => response.destroy(), 100));
  };

const published = () => ({
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/set.bin`,
  bytes: content.length,
  md5,
});
const download = (options: object = {}) => downloadFile(published(), { file, retryDelayMs: 0, ...options });
const part = `${file}.part`;

describe("a download", () => {
  test("comes whole, tells how far it is, and leaves no part", async () => {
    const seen: number[] = [];
    await download({ onProgress: (done: number, total: number) => seen.push(done / total) });
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(existsSync(part)).toBe(false);
    expect([seen[0], seen.at(-1)]).toEqual([0, 1]);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    expect(requests).toEqual([{ range: undefined, encoding: "identity" }]);
  });

  test("goes on where a broken connection stopped", async () => {
    answers = [cutAfter(100_000), cutAfter(50_000)];
    await download();
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(requests.length).toBe(3);
    const starts = requests.map(({ range }) => Number(/(\d+)/.exec(range ?? "0")?.[1]));
    expect(starts[0]).toBe(0);
    expect(starts[1]).toBeGreaterThan(0);
    expect(starts[2]).toBeGreaterThan(starts[1]);
  });

  test("goes on with the part of an earlier command", async () => {
    answers = [cutAfter(100_000)];
    const error = await errorOf(() => download({ attempts: 1 }));
    expect([error.code, error.kind, error.hint]).toEqual([
      "E_DOWNLOAD",
      "environment",
      expect.stringContaining(".part"),
    ]);
    const kept = readFileSync(part).length;
    await download();
    expect(requests.at(-1)?.range).toBe(`bytes=${kept}-`);
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  test("starts over where the server knows no ranges", async () => {
    answers = [cutAfter(100_000), (_request, response) => response.end(content)];
    await download();
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  test("starts over where what is there is too long, or cannot be gone on with", async () => {
    answers = [(_request, response) => response.writeHead(416).end()];
    await errorOf(() => download({ attempts: 1 }));
    writeFileSync(part, new Uint8Array(content.length + 1));
    await download();
    expect(readFileSync(file).equals(content)).toBe(true);
  });
});

describe("nothing wrong takes the place of the file", () => {
  test("another checksum: thrown away", async () => {
    answers = [(_request, response) => response.end(content.map((byte) => byte ^ 1))];
    const error = await errorOf(download);
    expect([error.code, error.kind, error.expected]).toEqual(["E_DOWNLOAD_CHECKSUM", "input", `a file of MD5 ${md5}`]);
    expect([existsSync(file), existsSync(part)]).toEqual([false, false]);
  });

  test("another size than there should be, said at once or not", async () => {
    answers = [(_request, response) => response.end("no such file")];
    expect(await errorOf(download)).toMatchObject({ code: "E_DOWNLOAD_SIZE", got: "12 bytes" });
    expect(existsSync(part)).toBe(false);
    answers = [
      (_request, response) => {
        response.write(content);
        response.end(content);
      },
    ];
    expect((await errorOf(download)).code).toBe("E_DOWNLOAD_SIZE");
    expect(existsSync(file)).toBe(false);
  });

  test("a page that says why not is no file", async () => {
    answers = [(_request, response) => response.writeHead(404, "Not Found").end("<html>")];
    const error = await errorOf(download);
    expect([error.code, error.got]).toEqual(["E_DOWNLOAD", "HTTP 404 Not Found"]);
    expect(existsSync(part)).toBe(false);
  });

  test("another range than was asked for", async () => {
    answers = [
      cutAfter(100_000),
      (_request, response) => response.writeHead(206, { "content-range": "bytes 5-9/10" }).end("wrong"),
    ];
    expect((await errorOf(download)).got).toContain("bytes 5-9/10");
  });

  test("a server that is not there", async () => {
    const nobody = { ...published(), url: "http://127.0.0.1:1/set.bin" };
    expect(await errorOf(() => downloadFile(nobody, { file, attempts: 2, retryDelayMs: 0 }))).toMatchObject({
      code: "E_DOWNLOAD",
      kind: "environment",
    });
  });

  test("stopped by the user: what has come is kept", async () => {
    const stop = new AbortController();
    const stopping = download({
      signal: stop.signal,
      onProgress: (done: number) => done > 0 && stop.abort(),
    });
    await expect(stopping).rejects.toMatchObject({ name: "AbortError" });
    expect([existsSync(file), readFileSync(part).length > 0]).toEqual([false, true]);
  });
});
