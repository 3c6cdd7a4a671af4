import { QueeError } from "@quee/core";
import type { GateArchitecture, Reading } from "./architecture.js";
import type { GateData } from "./gate-data.js";

/** How large networks are. */
export interface ArchitectureChoice {
  /** Default `A`. */
  readonly reading?: Reading;
  /** Default 8; reading B has none. */
  readonly embedding?: number;
  /** Default 16. QuEE, table 3: 16 on SVHN and CIFAR-10, 32 on CIFAR-100 and ImageNet. */
  readonly hidden?: number;
}

export function architectureOf(
  { classCount, space, extraFeatures }: GateData,
  { reading = "A", embedding, hidden = 16 }: ArchitectureChoice,
): GateArchitecture {
  if (reading === "B" && embedding !== undefined) throw noEmbedding(embedding);
  return {
    reading,
    embedding: reading === "B" ? null : (embedding ?? 8),
    hidden,
    classCount,
    exitCount: space.exitCount,
    extraFeatures,
  };
}

function noEmbedding(embedding: number): QueeError {
  return new QueeError({
    code: "E_GATE_OPTION",
    kind: "config",
    where: "embedding",
    expected: "none with reading B",
    got: String(embedding),
  });
}
