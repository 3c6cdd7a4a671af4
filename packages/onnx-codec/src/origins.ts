import type { Graph } from "@quee/onnx-graph";
import type { ModelProto } from "./generated/onnx_pb.js";

/** What a graph was decoded from. */
export interface Origin {
  readonly graph: Graph;
  readonly message: ModelProto;
  readonly bytes: Uint8Array;
}

/** By the list of nodes, so that a copy of the graph object still finds it; gone when nobody holds the decoded graph. */
const origins = new WeakMap<Graph["nodes"], Origin>();

export function rememberOrigin(origin: Origin): void {
  origins.set(origin.graph.nodes, origin);
}

/** The model that this graph was decoded from, if no part of it was exchanged since. */
export function originOf(graph: Graph): Origin | null {
  const origin = origins.get(graph.nodes);
  if (origin === undefined) return null;
  const parts = Object.keys(origin.graph) as (keyof Graph)[];
  return parts.every((part) => graph[part] === origin.graph[part]) ? origin : null;
}
