/** A condition as a field of what people write: read, or said what is wrong with it. */
import * as z from "zod";
import { notAllowed } from "../../core/scenario/written.ts";
import { type Condition, parseCondition } from "./conditions.ts";

export function conditionField(description: string): z.ZodType<Condition, string> {
  return z
    .string({ error: (issue) => notAllowed(issue.input, "a condition such as errors < 1% for 1m") })
    .transform((given, context): Condition => {
      const read = parseCondition(given);
      if (read.ok) return read.condition;
      context.issues.push({ code: "custom", message: withHint(read), input: given });
      return z.NEVER;
    })
    .meta({ description });
}

/** What is wrong with a sentence, and how it could be right. */
export function withHint({ message, hint }: { readonly message: string; readonly hint?: string }): string {
  return hint === undefined ? message : `${message}; ${hint}`;
}
