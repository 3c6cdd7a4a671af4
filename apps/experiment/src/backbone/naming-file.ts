import { QueeError } from "@quee/core";

/** What `work` gives; its errors name the file, which the rooms that are handed a file's content do not know. */
export function namingFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof QueeError) || error.file !== undefined) throw error;
    const { code, kind, where, expected, got, hint } = error;
    throw new QueeError({
      ...{ code, kind, file, expected, got, cause: error },
      ...(where === undefined ? {} : { where }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
