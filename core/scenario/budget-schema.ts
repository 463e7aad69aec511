/**
 * The limits of tenants in the `platform` section.
 *
 *     tenants: { marketing: { rpm: 600, tpm: 200k, concurrency: 40 } }
 *     budgets: { marketing: $40/h, total: $120/h, on-breach: cheaper-model, degrade-from: 80% }
 */
import * as z from "zod";
import { type NanoDollars, parseMoney } from "../money.ts";
import { dayMs, hourMs, type Ms } from "../time.ts";
import type { BudgetSpec, BudgetsSpec, OnBreach, TenantLimits } from "./budget-spec.ts";
import { count, fields, namesTo, notAllowed, oneOf, share } from "./written.ts";

/** A month of a budget is 30 days, as LiteLLM's `budget_duration: 30d`. */
const periodsMs: Readonly<Record<string, Ms>> = {
  h: hourMs,
  hour: hourMs,
  d: dayMs,
  day: dayMs,
  mo: 30 * dayMs,
  month: 30 * dayMs,
};

const budgetForm = "dollars per hour, day or month, such as $40/h, $500/day or $10k/month";

const onBreachForms = ["refuse", "cheaper-model", "queue", "notify"] as const satisfies readonly OnBreach[];

/** Unless the file says so: a cheaper model answers while a fifth of the money is left. Our choice. */
const degradeFromDefault = 0.8;

/** Everybody's money together, under this name. */
const everybody = "total";

export const tenantsSchema: z.ZodType<readonly TenantLimits[]> = namesTo(
  fields(
    {
      rpm: count("Requests per minute.", 1).optional(),
      tpm: count("Tokens per minute, prompts and answers together.", 1).optional(),
      concurrency: count("Requests at once.", 1).optional(),
    },
    "What one tenant may ask for. Default: anything.",
  ),
  "limits",
  "What the gateway lets each tenant ask for; more is refused with 429.",
).transform((written): readonly TenantLimits[] =>
  Object.entries(written).map(([tenant, { rpm, tpm, concurrency }]) => ({
    tenant,
    requestsPerMinute: rpm,
    tokensPerMinute: tpm,
    concurrency,
  })),
);

const amount = z
  .string({ error: (issue) => notAllowed(issue.input, budgetForm) })
  .transform((given, context): Pick<BudgetSpec, "limit" | "periodMs"> => {
    const [money = "", period = ""] = given.split("/");
    const limit: NanoDollars | undefined = parseMoney(money);
    const periodMs = periodsMs[period.trim()];
    if (limit !== undefined && periodMs !== undefined) return { limit, periodMs };
    context.issues.push({ code: "custom", message: notAllowed(given, budgetForm), input: given });
    return z.NEVER;
  })
  .meta({ description: `Money per period. Written as ${budgetForm}.` });

export const budgetsSchema: z.ZodType<BudgetsSpec> = z
  .looseObject({
    "on-breach": oneOf(
      onBreachForms,
      "When the money is spent: refuse, wait for the next period (queue), or go on and say so (notify); cheaper-model answers with cheaper models before that, and refuses then. Default: refuse.",
    ).optional(),
    "degrade-from": share("Share of a budget from which cheaper-model takes cheaper models. Default: 80%.").optional(),
  })
  .catchall(amount)
  .transform(({ "on-breach": onBreach, "degrade-from": degradeFrom, ...amounts }): BudgetsSpec => ({
    budgets: Object.entries(amounts).map(([name, each]) => ({
      tenant: name === everybody ? undefined : name,
      ...each,
    })),
    onBreach: onBreach ?? "refuse",
    degradeFrom: degradeFrom ?? degradeFromDefault,
  }))
  .meta({
    description: "What may be spent at the providers: by tenant, and by all together (total).",
  });
