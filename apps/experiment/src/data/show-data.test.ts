import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QueeError } from "@quee/core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type DataRequest, showData } from "./show-data.js";

const root = mkdtempSync(join(tmpdir(), "quee-data-"));
const content = Buffer.from("the bytes of a dataset".repeat(1000));
let server: Server;
let served: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    served.push(request.url ?? "");
    response.end(content);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(root, { recursive: true });
});

const urlOf = (name: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
const publicationsOf = (facts: object = {}) => {
  const file = { bytes: content.length, md5: createHash("md5").update(content).digest("hex"), ...facts };
  return {
    mine: {
      title: "My dataset",
      homepage: "http://127.0.0.1/",
      files: [
        { ...file, name: "a.bin", url: urlOf("a.bin") },
        { ...file, name: "b.bin", url: urlOf("b.bin"), isOptional: true },
      ],
    },
  };
};

/** What is printed, and the error if there is one. */
async function shown(request: Partial<DataRequest>, facts?: object) {
  served = [];
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line: string) => void printed.push(line));
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  const all = { name: "mine", root, signal: new AbortController().signal, ...request };
  const error = await showData(all, publicationsOf(facts)).then(
    () => null,
    (cause: unknown) => cause as QueeError,
  );
  log.mockRestore();
  stderr.mockRestore();
  if (error !== null) expect(error).toBeInstanceOf(QueeError);
  return { printed: printed.join("\n"), error };
}

describe("quee data", () => {
  test("without --download nothing is fetched", async () => {
    const { printed, error } = await shown({});
    expect(printed).toContain("✗ a.bin  missing\n· b.bin  missing (not needed)");
    expect([error?.code, error?.kind]).toEqual(["E_DATA_INCOMPLETE", "input"]);
    expect(error?.hint).toContain("--download");
    expect(served).toEqual([]);
  });

  test("with it, what is needed and not there is fetched and checked", async () => {
    const { printed, error } = await shown({ download: true });
    expect(error).toBeNull();
    expect(printed).toContain("✓ a.bin  22,000 bytes, checksum right");
    expect(readFileSync(join(root, "mine", "a.bin")).equals(content)).toBe(true);
    expect(served).toEqual(["/a.bin"]);
  });

  test("what is right is not fetched again", async () => {
    expect((await shown({ download: true })).error).toBeNull();
    expect(served).toEqual([]);
  });

  test("another mirror is asked for the same file", async () => {
    const mirror = urlOf("copies/");
    expect((await shown({ download: true, mirror, root: join(root, "second") })).error).toBeNull();
    expect(served).toEqual(["/copies/a.bin"]);
  });

  test("files of another size or checksum are told", async () => {
    mkdirSync(join(root, "bad", "mine"), { recursive: true });
    writeFileSync(join(root, "bad", "mine", "a.bin"), "short");
    writeFileSync(join(root, "bad", "mine", "b.bin"), Buffer.alloc(content.length));
    const { printed, error } = await shown({ root: join(root, "bad") });
    expect(printed).toContain("✗ a.bin  5 bytes instead of 22,000");
    expect(printed).toMatch(/✗ b\.bin {2}MD5 \w+ instead of \w+/);
    expect(error?.got).toMatch(/a\.bin: 5 bytes.*; b\.bin: MD5/);
  });

  test("--json gives the facts of each file", async () => {
    const { printed } = await shown({ json: true });
    expect(JSON.parse(printed)).toMatchObject({
      dataset: "mine",
      isComplete: true,
      files: [
        { name: "a.bin", status: "good", bytes: content.length },
        { name: "b.bin", status: "missing", bytes: null },
      ],
    });
  });

  test("an unknown name is answered with those that are known", async () => {
    const { error } = await shown({ name: "mime" });
    expect([error?.kind, error?.expected]).toEqual(["usage", "one of synthetic-digits, mine, imagenet"]);
    expect(error?.hint).toBe("Did you mean mine?");
    expect((await shown({ name: "__proto__" })).error?.kind).toBe("usage");
  });

  test("ImageNet is counted, and not fetched", async () => {
    for (const folder of ["train/n1", "train/n2", "val/n1", "val/n2"]) {
      mkdirSync(join(root, "imagenet", folder), { recursive: true });
      writeFileSync(join(root, "imagenet", folder, "1.JPEG"), "");
    }
    const { printed, error } = await shown({ name: "imagenet" });
    expect(printed).toContain("✗ train       2 images in 2 classes instead of 1,281,167 in 1000");
    expect(error?.code).toBe("E_DATA_INCOMPLETE");
    expect((await shown({ name: "imagenet", download: true })).error?.hint).toContain("image-net.org");
  });
});
