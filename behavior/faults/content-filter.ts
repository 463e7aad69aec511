/** Content filter: the answer ends after some of its content, in order, with the reason that its dialect has for that. */
import { breakAfter } from "./broken-stream.ts";
import type { EffectOf } from "./effect.ts";

export const contentFilterEffect: EffectOf<"content-filter"> = ({ after }, _strength, random) => ({
  kind: "filter",
  after: breakAfter(after, random),
});
