import { type PathKey, QueeError } from "@quee/core";
import { z } from "zod";
import type { ErrorTargets, PathClusters } from "./fit-error-targets.js";

const cells = z.strictObject({
  path: z.string().regex(/^\d+(-\d+)*$/),
  centroids: z.array(z.array(z.number())).min(1),
  errorRate: z.array(z.number().min(0).max(1)),
  sizes: z.array(z.int().min(0)),
  inertia: z.number().min(0),
});

/** Error targets as they are stored. */
export const errorTargetsSchema = z
  .strictObject({
    format: z.literal("quee-error-targets"),
    version: z.literal(1),
    classCount: z.int().min(1),
    clusterCount: z.int().min(1),
    paths: z.array(cells),
  })
  .superRefine(({ classCount, paths }, context) => {
    paths.forEach(({ centroids, errorRate, sizes }, p) => {
      if (centroids.some((centroid) => centroid.length !== classCount)) {
        context.addIssue({ code: "custom", path: ["paths", p, "centroids"], message: `rows of ${classCount} numbers` });
      }
      if (errorRate.length !== centroids.length || sizes.length !== centroids.length) {
        const message = `${centroids.length} error rates and sizes, one per centroid`;
        context.addIssue({ code: "custom", path: ["paths", p], message });
      }
    });
  });

export type ErrorTargetsJson = z.infer<typeof errorTargetsSchema>;

/** Float32 values are exact in JSON: what is parsed again is equal. */
export function errorTargetsToJson({ classCount, clusterCount, byPath }: ErrorTargets): ErrorTargetsJson {
  return {
    format: "quee-error-targets",
    version: 1,
    classCount,
    clusterCount,
    paths: Array.from(byPath, ([path, clusters]) => ({
      path,
      centroids: Array.from(clusters.sizes, (_, c) =>
        Array.from(clusters.centroids.data.subarray(c * classCount, (c + 1) * classCount)),
      ),
      errorRate: [...clusters.errorRate],
      sizes: [...clusters.sizes],
      inertia: clusters.inertia,
    })),
  };
}

/** @param json a parsed JSON document */
export function parseErrorTargets(json: unknown, { file }: { readonly file?: string } = {}): ErrorTargets {
  const parsed = errorTargetsSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new QueeError({
      code: "E_ERROR_TARGETS",
      kind: "artifact",
      ...(file === undefined ? {} : { file }),
      where: issue?.path.join(".") || "document",
      expected: "error targets as this version writes them",
      got: issue?.message ?? "something else",
      cause: parsed.error,
    });
  }
  const { classCount, clusterCount, paths } = parsed.data;
  const byPath = new Map<PathKey, PathClusters>();
  for (const { path, centroids, errorRate, sizes, inertia } of paths) {
    byPath.set(path as PathKey, {
      centroids: { shape: [centroids.length, classCount], data: Float32Array.from(centroids.flat()) },
      errorRate: Float32Array.from(errorRate),
      sizes: Int32Array.from(sizes),
      inertia,
    });
  }
  return { classCount, clusterCount, byPath };
}
