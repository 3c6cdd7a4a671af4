import { toPlainError } from "@quee/core";
import { encodeSite, type SiteJob } from "./encode-site.js";
import { openMultiplier } from "./multiplier.js";
import type { SearchReply } from "./site-search.js";

const multiplier = openMultiplier();

/** The entry of a worker thread: one site after the other. Failures are answers, since errors lose their class on the way. */
export default async function search(job: SiteJob): Promise<SearchReply> {
  try {
    return { encoded: await encodeSite(job, await multiplier) };
  } catch (error) {
    return { failed: toPlainError(error) };
  }
}
