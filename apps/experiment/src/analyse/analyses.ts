import { ablation } from "./analyses/ablation.js";
import { certificate } from "./analyses/certificate.js";
import { classes } from "./analyses/classes.js";
import { clusterBoxes } from "./analyses/cluster-boxes.js";
import { clusterCount } from "./analyses/cluster-count.js";
import { depthAndWidth } from "./analyses/depth-and-width.js";
import { estimators } from "./analyses/estimators.js";
import { firstGate } from "./analyses/first-gate.js";
import { gates } from "./analyses/gates.js";
import { heads } from "./analyses/heads.js";
import { nextStep } from "./analyses/next-step.js";
import { predictors } from "./analyses/predictors.js";
import { sampledPaths } from "./analyses/sampled-paths.js";
import { search } from "./analyses/search.js";
import { stability } from "./analyses/stability.js";
import type { Analysis } from "./analysis.js";

/** In the order of the page: first what took the paper's figures, then what goes past it. */
export const analyses: readonly Analysis[] = [
  classes,
  depthAndWidth,
  predictors,
  gates,
  clusterBoxes,
  clusterCount,
  stability,
  firstGate,
  sampledPaths,
  nextStep,
  estimators,
  search,
  heads,
  ablation,
  certificate,
];
