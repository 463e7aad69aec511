/** Stalled stream: after some of its content nothing comes any more, and the connection stays open. Whole answers never come. */
import { breakAfter } from "./broken-stream.ts";
import type { EffectOf } from "./effect.ts";

export const stalledStreamEffect: EffectOf<"stalled-stream"> = ({ after }, _strength, random) => ({
  kind: "break",
  how: "stall",
  after: breakAfter(after, random),
});
