/** The front matter of a runbook: who owns it, what it may touch, what it is measured against, and its drill half. */
import * as z from "zod";
import { eventsOf, faultsOf, happeningsSchema } from "../../core/scenario/happenings-schema.ts";
import { count, duration, fields, listOf, money, oneOf, share, someTime, text } from "../../core/scenario/written.ts";
import { minuteMs, secondMs } from "../../core/time.ts";
import { actionKinds } from "./actions.ts";
import { conditionField } from "./condition-field.ts";
import type { DrillHalf, ReactionTimes, Runbook } from "./runbook.ts";

/** Everything but the phases. */
export type FrontMatter = Omit<Runbook, "phases">;

const severityForm = "SEV1 to SEV4, P0 to P3, or both as in SEV2 / P1";

const limits = fields(
  {
    time: someTime("Longest duration of the drill.").optional(),
    cost: money("Most that may be spent from its start on.").optional(),
    errors: share("Most requests that may fail, over a minute.").optional(),
    "stop-when": listOf(
      conditionField("A condition, such as ttft.p95 > 30s for 2m."),
      "conditions such as ttft.p95 > 30s for 2m",
      "What else ends the drill.",
    ).optional(),
  },
  "Watched all the time: the first one that is broken ends the drill and undoes what was done.",
);

const targets = fields(
  {
    detect: someTime("From the fault to the alert.").optional(),
    acknowledge: someTime("From the alert until somebody looks into it.").optional(),
    contain: someTime("From the alert until users are served again.").optional(),
    resolve: someTime("From the fault until everything is as before.").optional(),
  },
  "What the response is measured against.",
);

const expected = fields(
  {
    alert: text("an alert's name", "Alert that must fire."),
    within: someTime("How long after the first fault at the latest."),
  },
  "An alert that must fire.",
).transform((written) => ({ alert: written.alert, withinMs: written.within }));

const responder = fields(
  {
    acknowledge: duration("From an alert until somebody says that they look into it. Default: 2m.").optional(),
    decide: duration("To approve something, or to decide by what one sees. Default: 45s.").optional(),
    act: duration("To do something by hand. Default: 1m.").optional(),
  },
  "Median times of a person, for simulated drills.",
);

/** Assumed, not measured: a page is to be acknowledged within five minutes (PagerDuty's incident response guide). */
export const usualReactions: ReactionTimes = { acknowledgeMs: 2 * minuteMs, decideMs: 45 * secondMs, actMs: minuteMs };

const begins = fields(
  {
    at: duration("Since when, counted from the start of the load, as in the scenario."),
    what: text("a sentence", "What it is, in words."),
  },
  "What goes wrong in the scenario itself, in its traffic for example.",
).transform((written) => ({ atMs: written.at, what: written.what }));

const drill = fields(
  {
    scenario: text("a file", "Scenario that is played underneath, relative to the runbook."),
    seed: count("Seed in place of the scenario's own.", 0).optional(),
    hidden: happeningsSchema.optional(),
    begins: begins.optional(),
    expects: listOf(
      expected,
      "alerts such as { alert: ErrorRateHigh, within: 2m }",
      "Alerts that must fire.",
    ).optional(),
    responder: responder.optional(),
  },
  "What is broken in a drill, unknown to the responder until the review.",
).transform((written): DrillHalf => ({
  scenario: written.scenario,
  seed: written.seed,
  faults: faultsOf(written.hidden ?? []),
  events: eventsOf(written.hidden ?? []),
  begins: written.begins,
  expects: written.expects ?? [],
  responder: {
    acknowledgeMs: written.responder?.acknowledge ?? usualReactions.acknowledgeMs,
    decideMs: written.responder?.decide ?? usualReactions.decideMs,
    actMs: written.responder?.act ?? usualReactions.actMs,
  },
}));

export const frontMatterSchema: z.ZodType<FrontMatter> = fields(
  {
    id: text("a name of lowercase letters, digits and hyphens", "Name of the runbook.", /^[a-z0-9][a-z0-9-]{0,63}$/),
    title: text("a sentence", "What has happened."),
    version: z
      .union([z.string(), z.number()])
      .transform(String)
      .meta({ description: "Version of the runbook. Default: 1." })
      .optional(),
    severity: text(
      severityForm,
      "How bad it is, on either ladder.",
      /^(?:SEV[1-4]|P[0-3])(?:\s*\/\s*(?:SEV[1-4]|P[0-3]))?$/,
    ),
    owner: text("a team", "Who keeps it true."),
    services: listOf(text("a service", "A service."), "services", "What it is about."),
    prerequisites: listOf(text("a sentence", "A prerequisite."), "sentences", "What to make sure of first.").optional(),
    "blast-radius": listOf(
      oneOf(namesOf(actionKinds), "A kind of action."),
      "kinds of action",
      "The only kinds of action that its steps may take.",
    ),
    limits: limits.optional(),
    targets: targets.optional(),
    drill: drill.optional(),
  },
  "Front matter of a runbook.",
).transform((written): FrontMatter => ({
  id: written.id,
  title: written.title,
  version: written.version ?? "1",
  severity: written.severity,
  owner: written.owner,
  services: written.services,
  prerequisites: written.prerequisites ?? [],
  blastRadius: written["blast-radius"],
  limits: {
    timeMs: written.limits?.time,
    cost: written.limits?.cost,
    errors: written.limits?.errors,
    stopWhen: written.limits?.["stop-when"] ?? [],
  },
  targets: {
    detectMs: written.targets?.detect,
    acknowledgeMs: written.targets?.acknowledge,
    containMs: written.targets?.contain,
    resolveMs: written.targets?.resolve,
  },
  drill: written.drill,
}));

function namesOf<Name extends string>(names: readonly [Name, ...Name[]]): readonly [Name, ...Name[]] {
  return names;
}
