/** The `platform` section: the gateway between the clients and the providers. */
import * as z from "zod";
import { budgetsSchema, tenantsSchema } from "./budget-schema.ts";
import { deploymentSchema, escalateSchema, linksSchema, overflowSchema, regionsSchema } from "./deployment-schema.ts";
import { balanceSchema, fleetOf, metricsSchema, replicasSchema, scalingSchema } from "./fleet-schema.ts";
import type { PlatformSpec } from "./platform-spec.ts";
import { liveSchema } from "./live-schema.ts";
import { backoffSchema, resilienceFields, resilienceOf } from "./resilience-schema.ts";
import type { RetryChoices } from "./resilience-spec.ts";
import { count, fields, listOf, namesTo, notAllowed, oneOf, text } from "./written.ts";

/** The section before models without a route of their own are given one. */
export type PlatformDocument = PlatformSpec;

/** No gateway, no retries: what a scenario means that says nothing. */
export const noPlatform: PlatformDocument = {
  gateway: "direct",
  replicas: 1,
  routes: [],
  retries: { max: 0, on: [] },
};

/** `5xx` in a list of statuses: those that stand for a passing fault, as Portkey retries them (src/globals.ts, RETRY_STATUS_CODES). */
const passingFaults: readonly number[] = [500, 502, 503, 504];
/** What a gateway makes of its own time limit for a call: Portkey 1.15.2 and LiteLLM 1.102.4 answer 408 (measured). */
const ownTimeout = 408;
const retriedByDefault: readonly number[] = [429, ...passingFaults];

const status = z
  .union([z.number(), z.string()], { error: (issue) => notAllowed(issue.input, statusForm) })
  .transform((given, context): readonly number[] => {
    if (given === "5xx") return passingFaults;
    if (given === "timeout") return [ownTimeout];
    if (typeof given === "number" && Number.isInteger(given) && given >= 400 && given <= 599) return [given];
    context.issues.push({ code: "custom", message: notAllowed(given, statusForm), input: given });
    return z.NEVER;
  })
  .meta({ description: "HTTP status from 400 to 599, 5xx for 500, 502, 503 and 504, or timeout." });

const statusForm = "an HTTP status from 400 to 599, 5xx, or timeout";

export const platformSchema: z.ZodType<PlatformDocument> = fields(
  {
    gateway: text(
      "a gateway or its URL",
      "Gateway in front of the providers: a driver's name, or the URL of one that runs.",
    ).optional(),
    "gateway-profile": text(
      "a file that squall calibrate wrote",
      "What the gateway costs, from a file, in place of the profile that Squall has of it. Simulations play it.",
    ).optional(),
    replicas: replicasSchema.optional(),
    balance: balanceSchema.optional(),
    scaling: scalingSchema.optional(),
    metrics: metricsSchema.optional(),
    deployment: deploymentSchema.optional(),
    regions: regionsSchema.optional(),
    links: linksSchema.optional(),
    escalate: escalateSchema.optional(),
    overflow: overflowSchema.optional(),
    routes: namesTo(
      z.union(
        [
          text("a provider", "The one provider of this model.").transform((name) => [name]),
          listOf(
            text("a provider", "A provider by its name."),
            "providers, in order of preference",
            "Providers in fallback order.",
          ),
        ],
        { error: (issue) => notAllowed(issue.input, "a provider or a list of providers") },
      ),
      "providers",
      "Who serves a model, in fallback order. Default: every provider that lists it, in order.",
    ).optional(),
    retries: fields(
      {
        max: count("Retries per provider after the first call.", 0, 10),
        on: listOf(status, "statuses such as 429 or 5xx", "What is worth a retry. Default: 429 and 5xx.").optional(),
        honour: oneOf(
          ["retry-after", "nothing"],
          "Whether a retry waits as long as the provider asks for. Default: nothing.",
        ).optional(),
        backoff: backoffSchema.optional(),
      },
      "What the gateway tries again.",
    ).optional(),
    ...resilienceFields,
    tenants: tenantsSchema.optional(),
    budgets: budgetsSchema.optional(),
    live: liveSchema.optional(),
  },
  "The gateway between clients and providers.",
).transform((written): PlatformDocument => {
  const { retries, tenants, budgets } = written;
  const resilience = resilienceOf({ ...written, retries: choicesOf(retries) });
  return {
    gateway: written.gateway ?? noPlatform.gateway,
    ...(written["gateway-profile"] === undefined ? {} : { gatewayProfileFile: written["gateway-profile"] }),
    ...fleetOf(written),
    ...(written.links === undefined ? {} : { links: written.links }),
    ...(written.escalate === undefined ? {} : { escalations: written.escalate }),
    ...(written.overflow === undefined ? {} : { overflows: written.overflow }),
    routes: Object.entries(written.routes ?? {}).map(([model, providers]) => ({ model, providers })),
    retries:
      retries === undefined
        ? noPlatform.retries
        : { max: retries.max, on: [...new Set((retries.on ?? [retriedByDefault]).flat())] },
    ...(resilience === undefined ? {} : { resilience }),
    ...(tenants === undefined ? {} : { tenants }),
    ...(budgets === undefined ? {} : { budgets }),
    ...(written.live === undefined ? {} : { live: written.live }),
  };
});

/** Undefined when retries are no more than a number and statuses. */
function choicesOf(
  written:
    | { readonly honour?: "retry-after" | "nothing" | undefined; readonly backoff?: RetryChoices["backoff"] }
    | undefined,
): RetryChoices | undefined {
  if (written?.honour === undefined && written?.backoff === undefined) return undefined;
  return { backoff: written.backoff, honourRetryAfter: written.honour === "retry-after" };
}
