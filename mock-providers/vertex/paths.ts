/** What a request asks for, read from its path. */
import type { Incoming } from "../dialect.ts";
import { percentDecoded } from "../percent-decoded.ts";

export interface Target {
  /** `v1` or `v1beta1`. */
  readonly version: string;
  /** `projects/p/locations/l`, empty in express mode, which has an API key instead. */
  readonly parent: string;
  readonly publisher: string;
  /** Empty for the list of a publisher's models. */
  readonly model: string;
  /** What follows the colon: `generateContent`; empty when nothing does. */
  readonly method: string;
}

const path =
  /^\/(v1|v1beta1)\/(?:(projects\/[^/]+\/locations\/[^/]+)\/)?publishers\/([^/]+)\/models(?:\/([^/:]+)(?::([A-Za-z]+))?)?\/?$/;

/** undefined for a path that is no publisher's. Models may carry a version: `claude-sonnet-4-6@20250929`. */
export function targetOf(incoming: Incoming): Target | undefined {
  const match = path.exec(incoming.path);
  if (match === null) return undefined;
  const [, version = "", parent = "", publisher = "", model = "", method = ""] = match;
  return { version, parent, publisher, model: percentDecoded(model), method };
}

const cachePath = /^\/(v1|v1beta1)\/(projects\/[^/]+\/locations\/[^/]+\/)cachedContents(?:\/([^/:]+))?\/?$/;

/** undefined for a path that is no cached content's. */
export function cacheTargetOf({ path: asked }: Incoming): { readonly parent: string; readonly id: string } | undefined {
  const [, , parent, id = ""] = cachePath.exec(asked) ?? [];
  return parent === undefined ? undefined : { parent, id };
}

/** `projects/p/locations/l/publishers/google/models/m`, as errors name it. */
export function resourceOf({ parent, publisher, model }: Target): string {
  return `${parent === "" ? "" : `${parent}/`}publishers/${publisher}/models/${model}`;
}
