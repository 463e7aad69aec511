/**
 * Content filter: the answer ends after some of its content, in order, with the reason that its dialect has for that; or the prompt is
 * turned away before there is any.
 */
import { breakAfter } from "./broken-stream.ts";
import type { EffectOf } from "./effect.ts";

export const contentFilterEffect: EffectOf<"content-filter"> = ({ at, after }, _strength, random) => ({
  kind: "filter",
  ...(at === "prompt" ? { at, after: 0 } : { after: breakAfter(after, random) }),
});
