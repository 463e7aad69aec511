/**
 * Events as people write them: the first word says what happens, the others how.
 *
 *     { rollout: v2, surge: 1, errors: 3% }
 *     { scale: 10 }        { rollback: true }      { node-loss: 2, replaced-after: 40s }
 *     { broken: 1 }        { cache-loss: true }    { link-slow: azure, by: 50ms }
 *     { drain: 1 }         { cap: marketing, per-hour: $5 }    { switch: gpt-4o, model: gpt-4o-mini }
 */
import * as z from "zod";
import type { PlatformAction } from "./event-spec.ts";
import { replicasMax } from "./plain-fleet.ts";
import { count, duration, factor, fields, listOf, money, oneOf, share, text } from "./written.ts";

const provider = (description: string): z.ZodType<string> => text("a provider", description);
const always = (description: string): z.ZodType<true> => z.literal(true).meta({ description });

const written = fields(
  {
    scale: count("By hand: so many copies.", 0, replicasMax).optional(),
    rollout: text("a version", "A new version, copy by copy.").optional(),
    surge: count("With rollout: copies above the wished number meanwhile. Default: 1.", 0, replicasMax).optional(),
    unavailable: count("With rollout: copies that may be missing meanwhile. Default: 0.", 0, replicasMax).optional(),
    errors: share("With rollout: requests that the version fails by itself. Default: 0%.").optional(),
    slowdown: factor("With rollout: how many times as much CPU the version needs. Default: 1.", 0).optional(),
    rollback: always("Back to the version before.").optional(),
    "node-loss": count("So many copies are gone at once, with all they were serving.", 1, replicasMax).optional(),
    "replaced-after": duration("With node-loss: until others are started for them. Default: 0.").optional(),
    region: text("a region", "With node-loss: only those of this region of the platform.").optional(),
    broken: count("So many copies run and reach no model.", 1, replicasMax).optional(),
    "cache-loss": always("Whatever the gateway has cached is gone.").optional(),
    "link-down": provider("No connection to this provider comes about.").optional(),
    "link-slow": provider("Answers of this provider take longer on their way.").optional(),
    by: duration("With link-slow: how much longer.").optional(),
    route: text("a model", "This model is served by other providers.").optional(),
    to: listOf(provider("One of them."), "providers", "With route: who serves it, in order.").optional(),
    "rotate-key": provider("The key of this provider is changed.").optional(),
    gap: duration("With rotate-key: how long the revoked key is still used. Default: 0.").optional(),
    "metrics-loss": share("Part of the samples that never arrive.").optional(),
    gateway: oneOf(["off", "on"], "Every request is turned away, or let in again.").optional(),
    drain: count("So many copies get no more requests, and others are started for them.", 1, replicasMax).optional(),
    cap: text("a tenant", "This tenant may spend no more than per-hour.").optional(),
    "per-hour": money("With cap: how much, counted by the minute. Without it: the cap is lifted.").optional(),
    switch: text("a model", "Requests for this model are answered by another.").optional(),
    model: text("a model", "With switch: by which one. Without it: by itself again.").optional(),
    share: share("With switch: only so many conversations. Default: 100%.").optional(),
    scaling: oneOf(["off", "on"], "Whoever scales is not listened to, or again.").optional(),
  },
  "What happens to the platform.",
);

type WrittenEvent = z.output<typeof written>;
type Key = keyof WrittenEvent;

interface Form {
  /** What may, and what must, stand beside it. */
  readonly beside: readonly Key[];
  readonly needs?: Key;
  readonly action: (given: WrittenEvent) => PlatformAction;
}

/** By the word that says what happens. Every given word has been checked, so a missing one is one that has a default. */
const forms: Readonly<Partial<Record<Key, Form>>> = {
  scale: { beside: [], action: ({ scale = 0 }) => ({ kind: "scale", replicas: scale }) },
  rollout: {
    beside: ["surge", "unavailable", "errors", "slowdown"],
    action: ({ rollout = "", surge = 1, unavailable = 0, errors = 0, slowdown = 1 }) => {
      return { kind: "rollout", version: rollout, surge, unavailable, errorShare: errors, slowdown };
    },
  },
  rollback: { beside: [], action: () => ({ kind: "rollback" }) },
  "node-loss": {
    beside: ["replaced-after", "region"],
    action: ({ region, ...given }) => ({
      kind: "node-loss",
      replicas: given["node-loss"] ?? 0,
      replacedAfterMs: given["replaced-after"] ?? 0,
      ...(region === undefined ? {} : { region }),
    }),
  },
  broken: { beside: [], action: ({ broken = 0 }) => ({ kind: "broken", replicas: broken }) },
  "cache-loss": { beside: [], action: () => ({ kind: "cache-loss" }) },
  "link-down": { beside: [], action: (given) => ({ kind: "link-down", provider: given["link-down"] ?? "" }) },
  "link-slow": {
    beside: ["by"],
    needs: "by",
    action: (given) => ({ kind: "link-slow", provider: given["link-slow"] ?? "", addedMs: given.by ?? 0 }),
  },
  route: {
    beside: ["to"],
    needs: "to",
    action: ({ route = "", to = [] }) => ({ kind: "route", model: route, providers: to }),
  },
  "rotate-key": {
    beside: ["gap"],
    action: (given) => ({ kind: "rotate-key", provider: given["rotate-key"] ?? "", gapMs: given.gap ?? 0 }),
  },
  "metrics-loss": { beside: [], action: (given) => ({ kind: "metrics-loss", share: given["metrics-loss"] ?? 0 }) },
  gateway: { beside: [], action: ({ gateway }) => ({ kind: "admit", requests: gateway === "on" }) },
  drain: { beside: [], action: ({ drain = 0 }) => ({ kind: "drain", replicas: drain }) },
  cap: {
    beside: ["per-hour"],
    action: (given) => ({ kind: "cap-tenant", tenant: given.cap ?? "", perHour: given["per-hour"] ?? null }),
  },
  switch: {
    beside: ["model", "share"],
    action: (given) => ({
      kind: "switch-model",
      model: given.switch ?? "",
      to: given.model ?? null,
      ...(given.share === undefined ? {} : { share: given.share }),
    }),
  },
  scaling: { beside: [], action: ({ scaling }) => ({ kind: "pause-scaling", paused: scaling === "off" }) },
};

export const eventSchema: z.ZodType<PlatformAction> = written
  .transform((given, context): PlatformAction => {
    const action = actionOf(given);
    if (typeof action !== "string") return action;
    context.issues.push({ code: "custom", message: action, input: given });
    return z.NEVER;
  })
  .meta({ description: "What happens to the platform." });

/** The action, or what is wrong with the words it is written in. */
function actionOf(given: WrittenEvent): PlatformAction | string {
  const keys = Object.keys(given).filter((key): key is Key => key in given);
  const named = keys.filter((key) => key in forms);
  const [name] = named;
  const form = name === undefined ? undefined : forms[name];
  if (name === undefined || form === undefined || named.length > 1) {
    const what = named.length === 0 ? "does not say what happens" : `has ${named.join(" and ")}`;
    return `${what}; needed is exactly one of ${Object.keys(forms).join(", ")}`;
  }
  const stray = keys.find((key) => key !== name && !form.beside.includes(key));
  if (stray !== undefined) {
    const allowed = form.beside.length === 0 ? "nothing" : form.beside.join(", ");
    return `has ${stray}, which means nothing beside ${name}; allowed is ${allowed}`;
  }
  if (form.needs !== undefined && given[form.needs] === undefined) return `has ${name} without ${form.needs}`;
  if (given.rollout !== undefined && (given.surge ?? 1) + (given.unavailable ?? 0) === 0) {
    return "has a rollout with neither surge nor unavailable; it could never replace a copy";
  }
  return form.action(given);
}
