import type { StepOutputs } from "./outputs.ts";

/** A step that did not hold. What follows is its failure policy's. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
  /** What it gave nevertheless, such as an exit code. */
  readonly outputs: StepOutputs | undefined;

  constructor(why: string, outputs?: StepOutputs) {
    super(why);
    this.outputs = outputs;
  }
}

/** What somebody else's error says. */
export function saidBy(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
