/**
 * What limits and budgets refused, whose, and what it would have cost; how many calls retries, people who send again and second
 * calls made of one request; what the cache saved; and what a scenario asks of its gateway that this gateway does not do.
 *
 * What a refused request would have cost is taken to be the mean of the answered ones of its model: an estimate.
 */
import type { Finding } from "../core/finding.ts";
import { formatMoney, type NanoDollars } from "../core/money.ts";
import { isGenerated, isOk, type RequestRecord } from "../core/record.ts";
import type { Run } from "../core/run.ts";
import { formatDuration, type Ms } from "../core/time.ts";
import { formatWhole, plural } from "../core/units.ts";
import { phaseSpan, recordsOf } from "./phases.ts";

/** Requests of one tenant that one cap refused. */
export interface CapRefusals {
  readonly tenant: string;
  /** `budget-total`, `budget-tenant`, `tenant-requests`, `tenant-tokens`, `tenant-concurrency`. */
  readonly reason: string;
  readonly requests: number;
  /** Estimated cost of answering them; undefined where none of their models was answered. */
  readonly worth: NanoDollars | undefined;
  readonly firstMs: Ms;
  readonly lastMs: Ms;
}

const reasonNames: Readonly<Record<string, string>> = {
  "budget-total": "the budget of all tenants",
  "budget-tenant": "its own budget",
  "tenant-requests": "its requests per minute",
  "tenant-tokens": "its tokens per minute",
  "tenant-concurrency": "its requests at once",
};

/** Refusals of the load phase by tenant and cap, most first. */
export function capRefusals(run: Run): readonly CapRefusals[] {
  const records = recordsOf(run, "load");
  const refused = records.filter(({ reason }) => reason in reasonNames);
  const worthOf = worthByModel(records);
  return [...Map.groupBy(refused, ({ tenant, reason }) => JSON.stringify([tenant, reason])).values()]
    .flatMap((group): CapRefusals[] => {
      const [first] = group;
      if (first === undefined) return [];
      const worth = group.flatMap(({ model }) => worthOf.get(model) ?? []);
      const atMs = group.map(({ intendedMs }) => intendedMs);
      return [
        {
          tenant: first.tenant,
          reason: first.reason,
          requests: group.length,
          worth: worth.length === 0 ? undefined : Math.round(worth.reduce((sum, each) => sum + each, 0)),
          firstMs: atMs.reduce((least, each) => Math.min(least, each)),
          lastMs: atMs.reduce((most, each) => Math.max(most, each)),
        },
      ];
    })
    .toSorted((left, right) => right.requests - left.requests);
}

/** How many calls upstream a request made, and who made more than one of it. */
export interface Amplification {
  readonly requests: number;
  /** Tries of clients' libraries after the first, and by hand, and second calls; other calls beyond one a try are the gateway's. */
  readonly clientRetries: number;
  readonly resends: number;
  readonly gatewayRetries: number;
  readonly hedges: number;
  readonly callsPerRequest: number;
}

/** Of the requests that called anybody; undefined when none did. */
export function amplificationOf(run: Run): Amplification | undefined {
  const records = recordsOf(run, "load").filter(({ upstreamCalls }) => upstreamCalls > 0);
  if (records.length === 0) return undefined;
  const total = (field: (record: RequestRecord) => number): number =>
    records.reduce((sum, record) => sum + field(record), 0);
  const calls = total(({ upstreamCalls }) => upstreamCalls);
  const resends = total((record) => record.resends ?? 0);
  const clientRetries = total(({ clientTries }) => (clientTries ?? 1) - 1) - resends;
  const hedges = total((record) => record.hedges ?? 0);
  return {
    requests: records.length,
    clientRetries,
    resends,
    // A try that never reached a provider leaves fewer calls than tries.
    gatewayRetries: total((record) =>
      Math.max(0, record.upstreamCalls - (record.clientTries ?? 1) - (record.hedges ?? 0)),
    ),
    hedges,
    callsPerRequest: calls / records.length,
  };
}

/** Information only, and nothing where nothing was refused, repeated, kept or beyond the gateway. */
export function capFindings(run: Run): readonly Finding[] {
  return [
    ...refusalFindings(run),
    ...amplificationFindings(run),
    ...cacheFindings(run),
    ...unsureFindings(run),
    ...beyondFindings(run),
  ];
}

function refusalFindings(run: Run): readonly Finding[] {
  const startMs = phaseSpan(run, "load")?.startMs ?? 0;
  return capRefusals(run).map(({ tenant, reason, requests, worth, firstMs, lastMs }) => ({
    analyzer: "caps",
    id: `caps.${reason}.${tenant}`,
    title: `Refused to ${tenant} by ${reasonNames[reason] ?? reason}`,
    measured: requests,
    unit: "count",
    detail: `from ${formatDuration(firstMs - startMs)} to ${formatDuration(lastMs - startMs)}${worth === undefined ? "" : `; answering them would have cost about ${formatMoney(worth)}`}`,
  }));
}

function amplificationFindings(run: Run): readonly Finding[] {
  const amplification = amplificationOf(run);
  if (amplification === undefined) return [];
  const { requests, clientRetries, resends, gatewayRetries, hedges, callsPerRequest } = amplification;
  if (clientRetries + resends + hedges === 0) return [];
  const byHand = resends === 0 ? "" : `, by people who sent again ${formatWhole(resends)}`;
  const detail = `by clients' libraries ${formatWhole(clientRetries)} more${byHand}, by the gateway's retries and fallbacks ${formatWhole(gatewayRetries)}, by second calls ${formatWhole(hedges)}`;
  return [
    {
      analyzer: "caps",
      id: "calls.per-request",
      title: "Calls upstream per request",
      measured: callsPerRequest,
      unit: "count",
      samples: requests,
      detail,
    },
  ];
}

function cacheFindings(run: Run): readonly Finding[] {
  const records = recordsOf(run, "load");
  const kept = records.filter((record) => !isGenerated(record));
  if (kept.length === 0) return [];
  const worthOf = worthByModel(records);
  const saved = Math.round(kept.reduce((sum, { model }) => sum + (worthOf.get(model) ?? 0), 0));
  const similar = kept.filter(({ answeredFrom }) => answeredFrom === "similar").length;
  return [
    {
      analyzer: "caps",
      id: "cache.hits",
      title: "Answered from the cache",
      measured: kept.length / records.length,
      unit: "share",
      samples: records.length,
      detail: `${plural(kept.length, "answer")}, ${similar} of them to other words; about ${formatMoney(saved)} saved`,
    },
  ];
}

/** Better than an error, and worth knowing of. */
function unsureFindings(run: Run): readonly Finding[] {
  const records = recordsOf(run, "load");
  const unsure = records.filter(({ answeredFrom }) => answeredFrom === "unsure").length;
  if (unsure === 0) return [];
  return [
    {
      analyzer: "caps",
      id: "escalation.unsure",
      title: "Answered by a small model that was not sure",
      measured: unsure / records.length,
      unit: "share",
      samples: records.length,
      detail: `${plural(unsure, "answer")} with a warning: nobody better could be reached`,
    },
  ];
}

function beyondFindings({ manifest }: Run): readonly Finding[] {
  const { beyondGateway, kind, gateway } = manifest;
  if (beyondGateway === undefined) return [];
  const [name = gateway] = gateway.split(" ");
  const detail =
    kind === "simulated"
      ? "simulated all the same: a live run through this gateway goes without"
      : "this run went without: a simulation has it";
  return [
    {
      analyzer: "caps",
      id: "gateway.beyond",
      title: `Not done by ${name} itself`,
      detail: `${beyondGateway.join(", ")}; ${detail}`,
    },
  ];
}

/** Mean cost of an answered request that called a provider, by model. */
function worthByModel(records: readonly RequestRecord[]): ReadonlyMap<string, number> {
  const answered = Map.groupBy(
    records.filter((record) => isOk(record) && record.upstreamCalls > 0),
    ({ model }) => model,
  );
  return new Map(
    [...answered].map(([model, ofModel]) => [model, ofModel.reduce((sum, { cost }) => sum + cost, 0) / ofModel.length]),
  );
}
