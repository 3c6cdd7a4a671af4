import type { PathSpace, Policy } from "@quee/core";
import { replay } from "@quee/path-tables";
import type { RivalSetting } from "./rival.js";

/** A setting that is a policy: what it does on a table is its replay. */
export function policySetting(
  setting: RivalSetting["setting"],
  policy: Policy,
  space: Pick<PathSpace, "exitCount">,
): RivalSetting {
  return { setting, policy, replay: (table) => replay(policy, table, { space }) };
}
