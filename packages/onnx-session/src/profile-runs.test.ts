import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { column, plusGraph } from "./graphs.test.helper.js";
import { profileRuns } from "./profile-runs.js";

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "quee-profile-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("a profile tells of every run of every operator", async () => {
  const folder = freshFolder();
  await profileRuns(plusGraph(1), { x: column(3) }, { name: "plus", runs: 5, filePrefix: join(folder, "profile") });
  const [file, ...others] = readdirSync(folder);
  expect(others).toEqual([]);
  const events: readonly { cat: string; name: string; args: { op_name?: string } }[] = JSON.parse(
    readFileSync(join(folder, file ?? ""), "utf8"),
  );
  const kernels = events.filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"));
  expect(kernels.map(({ args }) => args.op_name)).toEqual(["Add", "Add", "Add", "Add", "Add"]);
});

test("a feed that is missing is an error that names the model", async () => {
  const options = { name: "lonely", runs: 1, filePrefix: join(freshFolder(), "profile") };
  const where = expect.stringContaining("lonely");
  await expect(profileRuns(plusGraph(1), {}, options)).rejects.toMatchObject({ code: "E_SESSION_RUN", where });
});
