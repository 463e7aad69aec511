/** Error event: after some of its content a stream ends with an error, as each dialect has it. Answers in one piece are spared. */
import type { StreamError } from "../../core/scenario/fault-spec.ts";
import { breakAfter } from "./broken-stream.ts";
import type { EffectOf, ErrorStatus } from "./effect.ts";

/** An error in a stream is the one that a status would carry if the answer had not begun. */
const statuses: Readonly<Record<StreamError, ErrorStatus>> = {
  overloaded: "overloaded",
  "rate-limit": 429,
  internal: 500,
  model: "model-failed",
};

export const errorEventEffect: EffectOf<"error-event"> = ({ after, error }, _strength, random) => ({
  kind: "break",
  how: "error-event",
  after: breakAfter(after, random),
  status: statuses[error],
});
