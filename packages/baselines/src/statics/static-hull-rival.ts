import { costOf, type Path, pathKey } from "@quee/core";
import { correctAlong } from "@quee/path-tables";
import { policySetting } from "../rival/policy-setting.js";
import type { Rival, RivalSetting } from "../rival/rival.js";
import { readsProbabilities, staticPaths } from "../rival/rival-paths.js";
import { staticPolicy } from "../static-policy.js";
import { mixturePolicy } from "./mixture-policy.js";
import { oneHead } from "./static-ptq-rival.js";
import { upperHull } from "./upper-hull.js";

/**
 * Every static network there is: each path, cut off behind its exit, for all images. Those that validation images put on the
 * upper convex hull, with mixtures by lot between neighbours: what can be had without looking at an image.
 */
export function staticHullRival({ mixtures = 3 }: { readonly mixtures?: number } = {}): Rival {
  return {
    name: "static-hull",
    role: "rival",
    parameter: "path",
    needs: (space) => readsProbabilities(staticPaths(space)),
    async fit({ space, validation, costs, seed }) {
      const pays = oneHead(space);
      const prices = costs(pays);
      const points = staticPaths(space).map((path) => ({
        path,
        cost: costOf(prices, path),
        top1: correctAlong(validation, path).reduce((sum, hit) => sum + hit, 0) / validation.count,
      }));
      const corners = upperHull(points).map(({ path }) => path);
      const settings = corners.flatMap((path, c): RivalSetting[] => {
        const corner = policySetting(pathKey(path), staticPolicy(path), space);
        const next = corners[c + 1];
        return next === undefined ? [corner] : [corner, ...between(path, next)];
      });
      return { pays, trainings: 0, settings };

      function between(first: Path, second: Path): RivalSetting[] {
        return Array.from({ length: mixtures }, (_, m) => {
          const share = (m + 1) / (mixtures + 1);
          const setting = `${pathKey(first)} or ${share} ${pathKey(second)}`;
          return policySetting(setting, mixturePolicy({ first, second, share, seed }), space);
        });
      }
    },
  };
}
