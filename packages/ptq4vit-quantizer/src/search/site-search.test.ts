import { bits } from "@quee/core";
import { expect, test } from "vitest";
import type { SiteJob } from "./encode-site.js";
import { openSiteSearch } from "./site-search.js";

test("a job that no worker gives back is told by its site, and ends the others", async () => {
  const search = await openSiteSearch(1);
  // What cannot cross threads is lost on the way.
  const job = { captured: { site: { node: "blocks.0.fc1" } }, bitWidths: [bits(8)], graph: () => null };
  const done: string[] = [];
  const all = search.encode([job, job] as unknown as SiteJob[], { onSite: () => done.push("one") });
  await expect(all).rejects.toMatchObject({
    code: "E_WORKER_DIED",
    kind: "environment",
    where: 'site "blocks.0.fc1"',
  });
  expect(done).toEqual([]);
  await search.close();
});
