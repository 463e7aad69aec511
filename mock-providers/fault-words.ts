/** Faults as `POST /_squall/faults` takes them: entries of a scenario's timeline, one or a list, `at` left out for now. */
import { invalidInput } from "../core/errors.ts";
import { type Mistake, mistakesOf, problemOf } from "../core/scenario/problems.ts";
import type { TimelineEntry } from "../core/scenario/scenario.ts";
import { timelineSchema } from "../core/scenario/timeline-schema.ts";
import { readYaml } from "../core/scenario/yaml-document.ts";
import type { Ms } from "../core/time.ts";
import { durationInWords } from "./config-words.ts";

/** Throws invalid input with every problem found; `providers` are the names that a fault may aim at. */
export function parseFaults(text: string, nowMs: Ms, providers: readonly string[]): readonly TimelineEntry[] {
  const document = readYaml(text, "the list of faults");
  const written: readonly unknown[] = Array.isArray(document.data) ? document.data : [document.data];
  const read = timelineSchema.safeParse(written.map((entry) => beginning(entry, nowMs)));
  const mistakes = read.success
    ? read.data.flatMap((entry, index) => aimless(entry, index, providers))
    : mistakesOf(read.error.issues);
  if (read.success && mistakes.length === 0) return read.data;
  throw invalidInput("these faults cannot be scheduled", {
    code: "faults-invalid",
    problems: mistakes.map((mistake) => problemOf(mistake, document)),
    hint: "such as { fault: { provider: openai, kind: outage }, for: 30s }",
  });
}

function beginning(entry: unknown, nowMs: Ms): unknown {
  return typeof entry === "object" && entry !== null && !("at" in entry)
    ? { at: durationInWords(nowMs), ...entry }
    : entry;
}

function aimless({ fault }: TimelineEntry, index: number, providers: readonly string[]): readonly Mistake[] {
  if (providers.includes(fault.provider)) return [];
  const message = `is "${fault.provider}"; providers are ${providers.join(", ")}`;
  return [{ path: [index, "fault", "provider"], message }];
}
