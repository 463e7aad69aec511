/** What a request asks for, read from its path and query. */
import { percentDecoded } from "../percent-decoded.ts";
import type { Incoming } from "../dialect.ts";

export interface Target {
  /** `v1`, `v1beta` or `v1alpha`. */
  readonly version: string;
  /** Empty for the list of models. */
  readonly model: string;
  /** What follows the colon: `generateContent`; empty when nothing does. */
  readonly method: string;
}

const path = /^\/(v1|v1beta|v1alpha)\/models(?:\/([^/:]+)(?::([A-Za-z]+))?)?\/?$/;

/** undefined for a path that is no model's. */
export function targetOf(incoming: Incoming): Target | undefined {
  const match = path.exec(incoming.path);
  if (match === null) return undefined;
  const [, version = "", model = "", method = ""] = match;
  return { version, model: percentDecoded(model), method };
}

const cachePath = /^\/(?:v1|v1beta|v1alpha)\/cachedContents(?:\/([^/:]+))?\/?$/;

/** undefined for a path that is no cached content's. */
export function cacheTargetOf({ path: asked }: Incoming): { readonly parent: string; readonly id: string } | undefined {
  const match = cachePath.exec(asked);
  return match === null ? undefined : { parent: "", id: match[1] ?? "" };
}

export function queryOf({ request }: Incoming): URLSearchParams {
  const url = request.url ?? "";
  const start = url.indexOf("?");
  return new URLSearchParams(start === -1 ? "" : url.slice(start + 1));
}

/** How a stream is framed: as server-sent events when the query says so, else as one JSON array. */
export function framingOf(incoming: Incoming): "events" | "array" {
  return queryOf(incoming).get("alt") === "sse" ? "events" : "array";
}
