/** Faults as `POST /_squall/faults` takes them: entries of a scenario's timeline, one or a list, `at` left out for now. */
import type { ProviderAim } from "../behavior/faults/schedule.ts";
import { invalidInput } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type { FaultSpec } from "../core/scenario/fault-spec.ts";
import { type Mistake, mistakesOf, problemOf } from "../core/scenario/problems.ts";
import type { TimelineEntry } from "../core/scenario/scenario.ts";
import { timelineSchema } from "../core/scenario/timeline-schema.ts";
import { type DocumentPath, readYaml } from "../core/scenario/yaml-document.ts";
import type { Ms } from "../core/time.ts";
import { durationInWords } from "./config-words.ts";

/** Throws invalid input with every problem found; `providers` are those that a fault may aim at. */
export function parseFaults(text: string, nowMs: Ms, providers: readonly ProviderAim[]): readonly TimelineEntry[] {
  const document = readYaml(text, "the list of faults");
  const written: readonly unknown[] = Array.isArray(document.data) ? document.data : [document.data];
  const read = timelineSchema.safeParse(written.map((entry) => beginning(entry, nowMs)));
  const mistakes = read.success
    ? read.data.flatMap(({ fault }, index) => aimless(fault, [index, "fault"], providers))
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

/** What a fault says of providers and regions that there are not; `path`: its own. */
export function aimless(fault: FaultSpec, path: DocumentPath, providers: readonly ProviderAim[]): readonly Mistake[] {
  const names = providers.map(({ name }) => name);
  const regions = [...new Set(providers.flatMap(({ region }) => (region === undefined ? [] : [region])))];
  return [
    ...unknown(fault.provider, names, "providers", [...path, "provider"]),
    ...unknown(fault.region, regions, "regions of providers", [...path, "region"]),
  ];
}

function unknown(
  name: string | undefined,
  known: readonly string[],
  what: string,
  path: DocumentPath,
): readonly Mistake[] {
  if (name === undefined || known.includes(name)) return [];
  const message = `is "${name}"; ${what} are ${known.length === 0 ? "not given" : known.join(", ")}`;
  return [{ path, message, ...nearest(name, known) }];
}
