import { QueeError } from "@quee/core";

/** What says how scales are found by a search. */
const searchOptions = ["--gradient", "--compatibility", "--no-twins"];

/**
 * Refuses options that would change nothing.
 * @param given those on the command line
 */
export function refuseUnused(
  given: ReadonlySet<string>,
  { method, isCompare }: { readonly method: string; readonly isCompare: boolean },
): void {
  const refuse = (options: readonly string[], because: string) => {
    const unused = options.find((option) => given.has(option));
    if (unused === undefined) return;
    throw new QueeError({
      ...{ code: "E_OPTION_UNUSED", kind: "usage", where: unused },
      ...{ expected: "a use for it", got: because },
    });
  };
  if (isCompare) refuse(["--method", ...searchOptions], "--compare, which tries all of them");
  else refuse(["--evaluate"], "no --compare");
  if (method === "min-max") refuse([...searchOptions, "--memory-megabytes"], "--method min-max, which does not search");
  if (given.has("--evaluate")) refuse(["--held-images"], "--evaluate, which names what is measured on");
}
