/**
 * Truncated stream: it ends in order, as HTTP goes, but without the rest of its content and without its last events. What a
 * proxy makes of a connection that it lost. Answers in one piece are spared.
 */
import { breakAfter } from "./broken-stream.ts";
import type { EffectOf } from "./effect.ts";

export const truncatedStreamEffect: EffectOf<"truncated-stream"> = ({ after }, _strength, random) => ({
  kind: "break",
  how: "truncate",
  after: breakAfter(after, random),
});
