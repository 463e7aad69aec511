/** The `platform` section: the gateway between the clients and the providers. */
import * as z from "zod";
import { balanceSchema, fleetOf, metricsSchema, replicasSchema, scalingSchema } from "./fleet-schema.ts";
import type { PlatformSpec } from "./platform-spec.ts";
import { count, fields, listOf, namesTo, notAllowed, text } from "./written.ts";

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
const retriedByDefault: readonly number[] = [429, ...passingFaults];

const status = z
  .union([z.number(), z.string()], { error: (issue) => notAllowed(issue.input, statusForm) })
  .transform((given, context): readonly number[] => {
    if (given === "5xx") return passingFaults;
    if (typeof given === "number" && Number.isInteger(given) && given >= 400 && given <= 599) return [given];
    context.issues.push({ code: "custom", message: notAllowed(given, statusForm), input: given });
    return z.NEVER;
  })
  .meta({ description: "HTTP status from 400 to 599, or 5xx for 500, 502, 503 and 504." });

const statusForm = "an HTTP status from 400 to 599, or 5xx";

export const platformSchema: z.ZodType<PlatformDocument> = fields(
  {
    gateway: text(
      "a gateway or its URL",
      "Gateway in front of the providers: a driver's name, or the URL of one that runs.",
    ).optional(),
    replicas: replicasSchema.optional(),
    balance: balanceSchema.optional(),
    scaling: scalingSchema.optional(),
    metrics: metricsSchema.optional(),
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
      },
      "What the gateway tries again.",
    ).optional(),
  },
  "The gateway between clients and providers.",
).transform((written): PlatformDocument => ({
  gateway: written.gateway ?? noPlatform.gateway,
  ...fleetOf(written),
  routes: Object.entries(written.routes ?? {}).map(([model, providers]) => ({ model, providers })),
  retries:
    written.retries === undefined
      ? noPlatform.retries
      : { max: written.retries.max, on: [...new Set((written.retries.on ?? [retriedByDefault]).flat())] },
}));
