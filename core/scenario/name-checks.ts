/** Names that must meet: models and their providers, routes, faults, latency profiles, the gateway. */
import { quoted } from "../legible.ts";
import { nearest } from "../nearest.ts";
import { entries, field, isMapping, items } from "../raw-data.ts";
import type { Mistake } from "./problems.ts";
import type { QuotaTiers } from "./quota-tiers.ts";
import type { DocumentPath } from "./yaml-document.ts";

/** Names that other rooms know and core does not. Left out: any name will do. */
export interface KnownNames {
  readonly latencyProfiles?: readonly string[];
  readonly gateways?: readonly string[];
  /** Published tiers; left out: providers with a tier get no limits from it. */
  readonly tiers?: QuotaTiers;
}

/** Reads the data as it was written, like all cross-checks. */
export function nameChecks(data: unknown, known: KnownNames): readonly Mistake[] {
  return [
    ...modelsAreServed(data),
    ...routesMeetProviders(data),
    ...faultsMeetProviders(data),
    ...eventsMeetProviders(data),
    ...wayMeetsProviders(data),
    ...latencyProfilesAreKnown(data, known),
    ...gatewayIsKnown(data, known),
  ];
}

function modelsAreServed(data: unknown): readonly Mistake[] {
  const providers = entries(field(data, "providers"));
  const served = new Set(
    providers.flatMap(([, provider]) => entries(field(provider, "models")).map(([model]) => model)),
  );
  const tierServes = providers.some(([, provider]) => field(provider, "models") === undefined);
  if (served.size === 0 || tierServes) return [];
  return items(field(field(data, "traffic"), "requests")).flatMap((request, index): Mistake[] => {
    const model = field(request, "model");
    if (typeof model !== "string" || served.has(model)) return [];
    const message = `is ${quoted(model)}, which no provider serves; served are ${[...served].join(", ")}`;
    return [{ path: ["traffic", "requests", index, "model"], message, ...nearest(model, [...served]) }];
  });
}

function routesMeetProviders(data: unknown): readonly Mistake[] {
  const providers = field(data, "providers");
  return entries(field(field(data, "platform"), "routes")).flatMap(([model, written]) =>
    (Array.isArray(written) ? items(written) : [written]).flatMap((name, index): Mistake[] => {
      const path = ["platform", "routes", model, ...(Array.isArray(written) ? [index] : [])];
      if (typeof name !== "string" || !isMapping(providers)) return [];
      if (field(providers, name) === undefined) return [unknownName(path, name, "provider", Object.keys(providers))];
      const models = field(providers[name], "models");
      if (!isMapping(models) || field(models, model) !== undefined) return [];
      return [
        { path, message: `is ${name}, which does not serve ${model}; it serves ${Object.keys(models).join(", ")}` },
      ];
    }),
  );
}

function faultsMeetProviders(data: unknown): readonly Mistake[] {
  const providers = field(data, "providers");
  if (!isMapping(providers)) return [];
  return items(field(data, "timeline")).flatMap((entry, index): Mistake[] => {
    const fault = field(entry, "fault");
    const [name, model] = [field(fault, "provider"), field(fault, "model")];
    const path = ["timeline", index, "fault"];
    const region = unknownRegion(field(fault, "region"), [...path, "region"], providers);
    if (region !== undefined) return [region];
    if (typeof name !== "string") return [];
    if (field(providers, name) === undefined) {
      return [unknownName([...path, "provider"], name, "provider", Object.keys(providers))];
    }
    const models = field(providers[name], "models");
    if (typeof model !== "string" || !isMapping(models) || field(models, model) !== undefined) return [];
    return [unknownName([...path, "model"], model, `model of ${name}`, Object.keys(models))];
  });
}

function unknownRegion(region: unknown, path: DocumentPath, providers: unknown): Mistake | undefined {
  const regions = [...new Set(entries(providers).map(([, provider]) => field(provider, "region")))];
  if (typeof region !== "string" || regions.includes(region)) return undefined;
  const known = regions.filter((name) => typeof name === "string");
  if (known.length > 0) return unknownName(path, region, "region of a provider", known);
  return { path, message: `is ${quoted(region)}, but no provider says which region it is in` };
}

/** Words of an event that name a provider. */
const eventWords = ["link-down", "link-slow", "rotate-key"] as const;

function eventsMeetProviders(data: unknown): readonly Mistake[] {
  const providers = field(data, "providers");
  if (!isMapping(providers)) return [];
  return items(field(data, "timeline")).flatMap((entry, index): Mistake[] => {
    const event = field(entry, "event");
    const named = [
      ...eventWords.map((word) => ({ path: [word], name: field(event, word) })),
      ...items(field(event, "to")).map((name, at) => ({ path: ["to", at], name })),
    ];
    return named.flatMap(({ path, name }) =>
      typeof name !== "string" || field(providers, name) !== undefined
        ? []
        : [unknownName(["timeline", index, "event", ...path], name, "provider", Object.keys(providers))],
    );
  });
}

/** Parts of the platform that are written by provider. */
const byProvider = ["links", "escalate", "overflow"] as const;

function wayMeetsProviders(data: unknown): readonly Mistake[] {
  const providers = field(data, "providers");
  if (!isMapping(providers)) return [];
  return byProvider.flatMap((part) =>
    entries(field(field(data, "platform"), part)).flatMap(([name]) =>
      field(providers, name) === undefined
        ? [unknownName(["platform", part, name], name, "provider", Object.keys(providers))]
        : [],
    ),
  );
}

function latencyProfilesAreKnown(data: unknown, known: KnownNames): readonly Mistake[] {
  const names = known.latencyProfiles;
  if (names === undefined) return [];
  return entries(field(data, "providers")).flatMap(([provider, written]) => {
    const path = ["providers", provider];
    const own = entries(field(written, "models")).map(([model, limits]) => ({
      path: [...path, "models", model, "latency"],
      latency: field(limits, "latency"),
    }));
    return [{ path: [...path, "latency"], latency: field(written, "latency") }, ...own].flatMap((place): Mistake[] => {
      const inner = isMapping(place.latency) ? [...place.path, "profile"] : place.path;
      const profile = isMapping(place.latency) ? place.latency["profile"] : place.latency;
      return typeof profile !== "string" || names.includes(profile)
        ? []
        : [unknownName(inner, profile, "latency profile", names)];
    });
  });
}

function gatewayIsKnown(data: unknown, known: KnownNames): readonly Mistake[] {
  const gateway = field(field(data, "platform"), "gateway");
  const names = known.gateways;
  if (names === undefined || typeof gateway !== "string") return [];
  if (names.includes(gateway) || /^https?:\/\/[^/\s]/.test(gateway)) return [];
  const mistake = unknownName(["platform", "gateway"], gateway, "gateway", names);
  return [{ ...mistake, message: `${mistake.message}, or the URL of a running one` }];
}

function unknownName(path: DocumentPath, name: string, what: string, known: readonly string[]): Mistake {
  return {
    path,
    message: `is ${quoted(name)}, which is no ${what}; known are ${known.join(", ")}`,
    ...nearest(name, known),
  };
}
