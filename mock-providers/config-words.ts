/**
 * The way back from a configuration to what `parseMockConfig` reads, for the control API and for programs that start a mock.
 */
import type { Account, Limit } from "../behavior/provider-model.ts";
import { assertNever } from "../core/invariant.ts";
import { type NanoDollars, nanoPerDollar } from "../core/money.ts";
import { latencyInWords } from "../core/scenario/latency-schema.ts";
import { priceInWords } from "../core/scenario/price-schema.ts";
import type {
  AccelerationSpec,
  Dialect,
  LongContextSpec,
  ModelSpec,
  SharedPoolSpec,
  NodesSpec,
} from "../core/scenario/provider-spec.ts";
import type { FaultShape, FaultSpec } from "../core/scenario/fault-spec.ts";
import type { TimelineEntry } from "../core/scenario/scenario.ts";
import type { Ms } from "../core/time.ts";
import { dimensionWords } from "../core/scenario/key-schema.ts";
import type { MockConfig, MockProviderConfig } from "./config.ts";

/** Plain data, as JSON has it. */
export type Words = Readonly<Record<string, unknown>>;

/** The sections of a written configuration. */
export interface ConfigWords {
  readonly seed: number;
  readonly "time-scale": number;
  readonly "latency-scale": number;
  readonly "stream-headers": string;
  readonly providers: Words;
  readonly keys: Words;
  readonly timeline?: readonly Words[];
}

/** The configuration as it is written. Keys are shown: they open nothing but this mock. */
export function configInWords(config: MockConfig): ConfigWords {
  return {
    seed: config.seed,
    "time-scale": config.timeScale,
    "latency-scale": config.latencyScale,
    "stream-headers": config.streamHeaders,
    providers: Object.fromEntries(config.providers.map((provider) => [provider.name, providerInWords(provider)])),
    keys: Object.fromEntries(config.providers.map(({ name, keys }) => [name, keys.map(keyInWords)])),
    ...(config.faults.length === 0 ? {} : { timeline: config.faults.map(faultInWords) }),
  };
}

/** What a program sends to `POST /_squall/faults`. */
export function faultInWords({ atMs, forMs, fault }: TimelineEntry): Words {
  return {
    at: durationInWords(atMs),
    ...(forMs === undefined ? {} : { for: durationInWords(forMs) }),
    fault: specInWords(fault),
  };
}

/** To the microsecond, and without an exponent, which no duration has. */
export function durationInWords(ms: Ms): string {
  return `${Number(ms.toFixed(3))}ms`;
}

function providerInWords(provider: MockProviderConfig): Words {
  const { dialect, region, models, sliceMs, outputCharging, sharedPool, startTimeOfDayMs } = provider;
  const [first] = models;
  return {
    dialect,
    ...(region === undefined ? {} : { region }),
    ...(sliceMs === 0 ? {} : { slice: durationInWords(sliceMs) }),
    ...(outputCharging === undefined ? {} : { "output-charging": outputCharging }),
    ...(provider.promptCache === undefined ? {} : { "prompt-cache": provider.promptCache }),
    ...(provider.billing === undefined ? {} : { billing: provider.billing }),
    ...(provider.nodes === undefined ? {} : { nodes: nodesInWords(provider.nodes) }),
    ...(provider.acceleration === undefined ? {} : { acceleration: accelerationInWords(provider.acceleration) }),
    ...(sharedPool === undefined ? {} : { "shared-pool": sharedPoolInWords(sharedPool) }),
    ...(startTimeOfDayMs === undefined ? {} : { "time-of-day": durationInWords(startTimeOfDayMs) }),
    latency: first === undefined ? "instant" : latencyInWords(first),
    models: Object.fromEntries(models.map((model) => [model.model, modelInWords(model, dialect)])),
  };
}

function accelerationInWords({ growth, withinMs, fromTokensPerMinute }: AccelerationSpec): Words {
  return { growth, within: durationInWords(withinMs), from: fromTokensPerMinute };
}

function nodesInWords({ hourly, ...nodes }: NodesSpec): Words {
  return hourly === undefined ? { ...nodes } : { ...nodes, hourly: moneyInWords(hourly) };
}

/** Without loss, and without an exponent. */
function moneyInWords(nano: NanoDollars): string {
  return `$${(nano / nanoPerDollar).toFixed(9)}`;
}

function sharedPoolInWords({ shortEveryMs, shortForMs }: SharedPoolSpec): Words {
  return { "short-every": durationInWords(shortEveryMs), "short-for": durationInWords(shortForMs) };
}

function modelInWords(model: ModelSpec, dialect: Dialect): Words {
  const limits = {
    rpm: model.requestsPerMinute,
    tpm: model.tokensPerMinute,
    rpd: model.requestsPerDay,
    tpd: model.tokensPerDay,
    itpm: model.inputTokensPerMinute,
    otpm: model.outputTokensPerMinute,
    rp10s: model.requestsPer10Seconds,
    family: model.limitFamily,
    "unit-price": model.unitHourly === undefined ? undefined : moneyInWords(model.unitHourly),
    price: model.price === undefined ? undefined : priceInWords(model.price),
    "long-context": model.longContext === undefined ? undefined : longContextInWords(model.longContext),
    [dialect === "vertex" ? "gsu" : "ptu"]: model.provisionedUnits,
  };
  const given = Object.entries(limits).filter(([, limit]) => limit !== undefined);
  return { ...Object.fromEntries(given), latency: latencyInWords(model) };
}

function longContextInWords(long: LongContextSpec): Words {
  const limits = {
    above: long.aboveTokens,
    rpm: long.requestsPerMinute,
    tpm: long.tokensPerMinute,
    itpm: long.inputTokensPerMinute,
    otpm: long.outputTokensPerMinute,
  };
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}

function keyInWords(account: Account): Words {
  const { apiKey, secretKey, organization, project, state } = account;
  const limits = {
    limits: account.limits,
    "organization-limits": account.organizationLimits,
    "project-limits": account.projectLimits,
    "project-total-limits": account.projectTotalLimits,
    "key-limits": account.keyLimits,
  };
  return {
    key: apiKey,
    ...(secretKey === undefined ? {} : { secret: secretKey }),
    organization,
    ...(project === undefined ? {} : { project }),
    ...(state === "active" ? {} : { state }),
    ...Object.fromEntries(
      Object.entries(limits).flatMap(([name, list]) => (list === undefined ? [] : [[name, list.map(limitInWords)]])),
    ),
  };
}

function limitInWords({ dimension, amount, perMs, label }: Limit): Words {
  return { dimension: dimensionWords[dimension], amount, per: durationInWords(perMs), label };
}

/** Its fields are its words: those that end in `Ms` are durations, and what is usual is left out. */
function specInWords({ shape, ...fault }: FaultSpec): Words {
  const said = Object.entries(fault).filter(
    ([name, value]) => value !== undefined && !(name === "share" && value === 1),
  );
  const words = said.map(([name, value]) =>
    name.endsWith("Ms") ? [wordOf(name.slice(0, -2)), durationInWords(Number(value))] : [wordOf(name), value],
  );
  return { ...Object.fromEntries(words), ...(shape === undefined ? {} : { shape: shapeInWords(shape) }) };
}

/** `retryAfter` is written `retry-after`. */
function wordOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function shapeInWords(shape: FaultShape): string | Words {
  switch (shape.kind) {
    case "step":
      return shape.kind;
    case "ramp":
      return shape.overMs === undefined ? shape.kind : { ramp: durationInWords(shape.overMs) };
    case "pulse":
      return { pulse: durationInWords(shape.everyMs), on: shape.on };
    default:
      return assertNever(shape);
  }
}
