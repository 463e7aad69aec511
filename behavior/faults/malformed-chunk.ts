/**
 * Malformed chunk: after some of the content comes an event that is torn, and then the end of the stream. A whole answer is torn
 * in the middle.
 */
import { breakAfter } from "./broken-stream.ts";
import type { EffectOf } from "./effect.ts";

export const malformedChunkEffect: EffectOf<"malformed-chunk"> = ({ after }, _strength, random) => ({
  kind: "break",
  how: "malformed",
  after: breakAfter(after, random),
});
