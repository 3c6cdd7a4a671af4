/** What a preset says where a config says nothing; the schema's own defaults are the preset `default`. */
export const presetNames = ["paper", "default"] as const;

type Preset = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const presets: Readonly<Record<(typeof presetNames)[number], Preset>> = {
  // QuEE (arXiv 2406.14404): plain frequencies in cells, equation 11; λ weighs the cost of blocks alone, equation 17. All else that goes
  // past it is off unless asked for, and block 1 runs at the most bits, section 5.1.
  paper: {
    paths: { first: "highest" },
    heads: { logits: "plain" },
    clusters: { shrinkage: 0 },
    cost: { routing: "blocks-only" },
  },
  default: {},
};

/** The values of a config with those of its preset below them. What is no preset is left to the schema to refuse. */
export function withPreset(config: unknown): unknown {
  if (!isRecord(config)) return config;
  const name = presetNames.find((known) => known === config["preset"]);
  if (name === undefined) return config;
  const merged: Record<string, unknown> = { ...config };
  for (const [part, values] of Object.entries(presets[name])) {
    const own = config[part];
    if (own === undefined || isRecord(own)) merged[part] = { ...values, ...own };
  }
  return merged;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
