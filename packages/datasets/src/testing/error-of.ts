import { QueeError } from "@quee/core";

/** The error of an action, which must throw one of ours. */
export async function errorOf(act: () => Promise<unknown> | unknown): Promise<QueeError> {
  try {
    await act();
  } catch (error) {
    if (error instanceof QueeError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
