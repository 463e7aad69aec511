/** The file of a rollout: its phases, the steps of each, and what decides whether to go on, to stay, or to go back. */
import * as z from "zod";
import { invalidInput } from "../errors.ts";
import { plural } from "../units.ts";
import { metricUnit, parseLimit, type MetricUnit } from "./metrics.ts";
import { mistakesOf, problemOf } from "./problems.ts";
import type { Objective } from "./scenario.ts";
import { fields, namesTo, notAllowed, listOf, someNamesTo, text } from "./written.ts";
import { readYaml } from "./yaml-document.ts";

export interface Rollout {
  readonly name: string;
  /** Users that the scenario's own load stands for; steps by number of users are parts of them. */
  readonly users: number;
  readonly phases: readonly RolloutPhase[];
}

export interface RolloutPhase {
  readonly name: string;
  readonly steps: readonly RolloutStep[];
  /** All of them must hold to go on. */
  readonly go: readonly Criterion[];
  /** Any of them says stay. */
  readonly noGo: readonly Criterion[];
  /** Any of them says go back. */
  readonly rollback: readonly Criterion[];
}

/** A part of the load: `250 users`, `50%`. */
export interface RolloutStep {
  readonly text: string;
  /** Of the scenario's own load. */
  readonly factor: number;
}

/** A limit on a metric of the run, or on something that only people know. */
export interface Criterion extends Pick<Objective, "metric" | "comparison" | "limit" | "text"> {
  readonly unit: MetricUnit;
}

/** What a run cannot tell and a person gives. */
export type GivenMetric =
  | "satisfaction"
  | "satisfaction.drop"
  | "incidents.critical"
  | "incidents.security"
  | "cost.of-budget";

const givenMetrics: Readonly<Record<GivenMetric, MetricUnit>> = {
  satisfaction: "share",
  "satisfaction.drop": "share",
  "incidents.critical": "count",
  "incidents.security": "count",
  "cost.of-budget": "share",
};

const limit = z.union([z.string(), z.number()], {
  error: (issue) => notAllowed(issue.input, "a limit such as < 5% or 0"),
});

const criteria = (description: string): z.ZodType<readonly Criterion[]> =>
  namesTo(limit, "limits", description).transform((written, context): readonly Criterion[] =>
    Object.entries(written).flatMap(([metric, given]) => {
      const unit = isGiven(metric) ? givenMetrics[metric] : metricUnit(metric);
      const read = unit === undefined ? undefined : parseLimit(given, unit);
      if (unit !== undefined && read !== undefined) return [{ metric, unit, text: String(given), ...read }];
      const message =
        unit === undefined
          ? `is no metric; besides those of objectives there are ${Object.keys(givenMetrics).join(", ")}`
          : `is ${JSON.stringify(given)}, which is no limit of ${metric}`;
      context.issues.push({ code: "custom", path: [metric], message, input: given });
      return [];
    }),
  );

export function isGiven(metric: string): metric is GivenMetric {
  return Object.hasOwn(givenMetrics, metric);
}

const stepForm = /^(?:(\d+)\s*users?|(\d+(?:\.\d+)?)\s*%)$/;

const step = text("a number of users such as 250 users, or a share such as 50%", "A part of the load.", stepForm);

const phase = fields(
  {
    steps: listOf(step, "steps such as 100 users or 25%", "Parts of the load, one after the other."),
    go: criteria("All of them must hold to go on.").optional(),
    "no-go": criteria("Any of them says stay.").optional(),
    rollback: criteria("Any of them says go back.").optional(),
  },
  "A phase of the rollout.",
);

const rolloutSchema = fields(
  {
    rollout: text("a name", "Name of the rollout."),
    users: z.number().int().positive().meta({ description: "Users that the scenario's own load stands for." }),
    phases: someNamesTo(phase, "steps and criteria", "Phases in order."),
  },
  "Rollout phases and what decides between them.",
).transform((written): Rollout => ({
  name: written.rollout,
  users: written.users,
  phases: Object.entries(written.phases).map(([name, each]) => ({
    name,
    steps: each.steps.map((given) => ({ text: given, factor: factorOf(given, written.users) })),
    go: each.go ?? [],
    noGo: each["no-go"] ?? [],
    rollback: each.rollback ?? [],
  })),
}));

function factorOf(step: string, users: number): number {
  const [, count, percent] = stepForm.exec(step) ?? [];
  return count === undefined ? Number(percent) / 100 : Number(count) / users;
}

/** Reads the file; throws `rollout-invalid` (exit code 3) with all its problems. */
export function parseRollout(yaml: string, name: string): Rollout {
  const document = readYaml(yaml, name, "rollout-invalid");
  const parsed = rolloutSchema.safeParse(document.data, { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = mistakesOf(parsed.error.issues).map((mistake) => problemOf(mistake, document));
  throw invalidInput(`rollout ${name} cannot be used: ${plural(problems.length, "problem")}`, {
    code: "rollout-invalid",
    problems,
  });
}
