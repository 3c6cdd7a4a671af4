import { QueeError } from "@quee/core";
import type { StateDict } from "./safetensors.js";

/** How a library calls the tensors of the same network. */
export interface NamingScheme {
  readonly name: string;
  readonly kind: "vit" | "t2t-vit";
  /** ε of the layer norms in that library. */
  readonly epsilon: number;
  /** A tensor that only this scheme has. */
  readonly marker: string;
  /** Our name → theirs; several, stacked from above, where they keep apart what we keep together. */
  readonly theirs: (name: string) => readonly string[];
  /** Tensors that the network does without when it classifies. */
  readonly ignored: RegExp;
}

type Replacement = readonly [pattern: RegExp, by: string];

/** Replaces in order; what names several tensors is written {one|two}. */
function renaming(...replacements: readonly Replacement[]): (name: string) => readonly string[] {
  return (name) => {
    const renamed = replacements.reduce((text, [pattern, by]) => text.replace(pattern, by), name);
    const [, before = "", parts, after = ""] = /^(.*)\{(.*)\}(.*)$/.exec(renamed) ?? [];
    return parts === undefined ? [renamed] : parts.split("|").map((part) => before + part + after);
  };
}

const blocks: readonly Replacement[] = [
  [/\.attention\.qkv\./, ".attn.qkv."],
  [/\.attention\.projection\./, ".attn.proj."],
];

const huggingFace: readonly Replacement[] = [
  [/^class_token\.embedding$/, "embeddings.cls_token"],
  [/^position\.embedding$/, "embeddings.position_embeddings"],
  [/^patch_embedding\./, "embeddings.patch_embeddings.projection."],
  [/^blocks\./, "encoder.layer."],
  [/\.attention\.qkv\./, ".attention.attention.{query|key|value}."],
  [/\.attention\.projection\./, ".attention.output.dense."],
  [/^norm\./, "layernorm."],
];

export const namingSchemes: readonly NamingScheme[] = [
  {
    name: "T2T-ViT",
    kind: "t2t-vit",
    epsilon: 1e-5,
    marker: "tokens_to_token.attention1.kqv.weight",
    theirs: renaming(
      [/^class_token\.embedding$/, "cls_token"],
      [/^positions$/, "pos_embed"],
      [/performer0\./, "attention1."],
      [/performer1\./, "attention2."],
      [/\.features$/, ".w"],
      [/(attention\d)\.projection\./, "$1.proj."],
      [/(attention\d)\.mlp\.fc1\./, "$1.mlp.0."],
      [/(attention\d)\.mlp\.fc2\./, "$1.mlp.2."],
      ...blocks,
    ),
    ignored: /num_batches_tracked$/,
  },
  {
    name: "Hugging Face ViT",
    kind: "vit",
    epsilon: 1e-12,
    marker: "vit.embeddings.cls_token",
    theirs: renaming(
      ...huggingFace,
      [/\.norm1\./, ".layernorm_before."],
      [/\.norm2\./, ".layernorm_after."],
      [/\.mlp\.fc1\./, ".intermediate.dense."],
      [/\.mlp\.fc2\./, ".output.dense."],
      [/^(?=embeddings|encoder|layernorm)/, "vit."],
      [/^head\./, "classifier."],
    ),
    ignored: /^vit\.pooler\.|mask_token$/,
  },
  {
    name: "Hugging Face DINOv2",
    kind: "vit",
    epsilon: 1e-6,
    marker: "dinov2.embeddings.cls_token",
    theirs: renaming(
      ...huggingFace,
      [/\.scale([12])\.weight$/, ".layer_scale$1.lambda1"],
      [/^(?=embeddings|encoder|layernorm)/, "dinov2."],
      [/^head\./, "classifier."],
    ),
    ignored: /mask_token$/,
  },
  {
    name: "timm",
    kind: "vit",
    epsilon: 1e-6,
    marker: "patch_embed.proj.weight",
    theirs: renaming(
      [/^class_token\.embedding$/, "cls_token"],
      [/^position\.embedding$/, "pos_embed"],
      [/^patch_embedding\./, "patch_embed.proj."],
      [/\.scale([12])\.weight$/, ".ls$1.gamma"],
      ...blocks,
    ),
    ignored: /mask_token$/,
  },
];

/** The scheme that a set of tensors is named in. */
export function schemeOf(state: StateDict): NamingScheme {
  const scheme = namingSchemes.find(({ marker }) => state.has(marker));
  if (scheme !== undefined) return scheme;
  const [first = "none"] = state.keys();
  throw new QueeError({
    code: "E_STATE_DICT",
    kind: "input",
    where: "names of the tensors",
    expected: `those of ${namingSchemes.map(({ name, marker }) => `${name} (${marker})`).join(", ")}`,
    got: `${state.size} others, such as ${first}`,
    hint: "Export the network to ONNX instead: recognition goes by structure, not by names",
  });
}
