import { correctAlong } from "@quee/path-tables";
import type { TableTargets } from "./remembered.js";

/** 1 where the answer at the end of a path is not the label, else 0. */
export const wrongness: TableTargets = (path, table) =>
  Float32Array.from(correctAlong(table, path), (correct) => 1 - correct);
