/** Cut stream: the connection closes after some of the content. A whole answer is lost altogether. */
import { breakAfter } from "./broken-stream.ts";
import type { EffectOf } from "./effect.ts";

export const cutStreamEffect: EffectOf<"cut-stream"> = ({ after }, _strength, random) => ({
  kind: "break",
  how: "cut",
  after: breakAfter(after, random),
});
