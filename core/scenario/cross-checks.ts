/**
 * What no section can know alone: that names meet, shares add up, and parts that need each other are there.
 *
 * These checks read the data as it was written and skip whatever is not understood, so they still find their mistakes in a
 * file that has others; each of those is reported by the schema.
 */
import { nearest } from "../nearest.ts";
import { entries, field, isMapping, items } from "../raw-data.ts";
import { parseDuration, formatDuration, type Ms } from "../time.ts";
import { formatShare, parseShare } from "../units.ts";
import { gatewayChecks } from "./gateway-checks.ts";
import { limitForms, metricExamples, metricUnit, parseLimit, splitMetric } from "./metrics.ts";
import { nameChecks, type KnownNames } from "./name-checks.ts";
import type { Mistake } from "./problems.ts";
import { shown } from "./written.ts";
import type { DocumentPath } from "./yaml-document.ts";

export function crossChecks(data: unknown, known: KnownNames): readonly Mistake[] {
  const checks = [
    oneLoad,
    closedLoadEnds,
    baselineIsSmaller,
    requestShares,
    tenantShares,
    requestLengths,
    faultsMeetTraffic,
    objectivesAreKnown,
    degradationHasBaseline,
  ];
  return [...checks.flatMap((check) => check(data)), ...nameChecks(data, known), ...gatewayChecks(data)];
}

const loadKinds = ["arrivals", "users", "trace"] as const;

function oneLoad(data: unknown): readonly Mistake[] {
  const traffic = field(data, "traffic");
  if (!isMapping(traffic)) return [];
  const given = loadKinds.filter((kind) => kind in traffic);
  if (given.length === 1) return [];
  const what = given.length === 0 ? "has no arrivals, users or trace" : `has ${given.join(" and ")}`;
  return [{ path: ["traffic"], message: `${what}; needed is exactly one of arrivals, users and trace` }];
}

function closedLoadEnds(data: unknown): readonly Mistake[] {
  const users = field(field(data, "traffic"), "users");
  if (!isMapping(users) || "sessions" in users || "for" in users) return [];
  return [{ path: ["traffic", "users"], message: "never ends; needed is sessions, or for, or both" }];
}

function baselineIsSmaller(data: unknown): readonly Mistake[] {
  const users = field(field(data, "traffic"), "users");
  const [count, baseline] = [field(users, "count"), field(users, "baseline")];
  if (typeof count !== "number" || typeof baseline !== "number" || baseline < count) return [];
  const message = `is ${baseline}; allowed is fewer than the ${count} people it is compared with`;
  return [{ path: ["traffic", "users", "baseline"], message }];
}

function requestShares(data: unknown): readonly Mistake[] {
  const requests = items(field(field(data, "traffic"), "requests"));
  const path = ["traffic", "requests"];
  if (requests.length === 1 && field(requests[0], "share") === undefined) return [];
  const without = requests.flatMap((request, index) => (isMapping(request) && !("share" in request) ? [index] : []));
  if (without.length > 0) {
    return without.map((index) => ({
      path: [...path, index],
      message: "has no share; needed where there are several kinds",
    }));
  }
  return sharesAddUp(
    path,
    requests.map((request) => field(request, "share")),
  );
}

function tenantShares(data: unknown): readonly Mistake[] {
  const tenants = field(field(data, "traffic"), "tenants");
  return isMapping(tenants) ? sharesAddUp(["traffic", "tenants"], Object.values(tenants)) : [];
}

/** Shares written as 33.3% three times are the whole. */
const sharesTolerance = 0.001;

function sharesAddUp(path: DocumentPath, written: readonly unknown[]): readonly Mistake[] {
  const shares = written.map((share) => parseShare(String(share)));
  const sum = shares.reduce<number>((total, share) => total + (share ?? Number.NaN), 0);
  if (Number.isNaN(sum) || Math.abs(sum - 1) <= sharesTolerance + 1e-9) return [];
  return [{ path, message: `has shares that add up to ${formatShare(sum)}; needed is 100 %` }];
}

function requestLengths(data: unknown): readonly Mistake[] {
  const traffic = field(data, "traffic");
  const requests = items(field(traffic, "requests"));
  const replayed = isMapping(traffic) && "trace" in traffic;
  const path = ["traffic", "requests"];
  const lengths = requests.flatMap((request, index): Mistake[] => {
    if (!isMapping(request)) return [];
    return ["input", "output"].flatMap((key): Mistake[] => {
      if (replayed && key in request) {
        return [
          {
            path: [...path, index, key],
            message: "is not used: the trace has its own token counts",
            hint: "leave it out",
          },
        ];
      }
      if (replayed || key in request) return [];
      return [{ path: [...path, index], message: `has no ${key}; needed is a number of tokens or a distribution` }];
    });
  });
  if (!replayed || requests.length < 2) return lengths;
  return [...lengths, { path, message: `has ${requests.length} kinds; a trace is replayed with exactly one` }];
}

/** A fault that starts when the traffic has ended would never be seen. */
function faultsMeetTraffic(data: unknown): readonly Mistake[] {
  const endMs = trafficEndMs(field(data, "traffic"));
  if (endMs === undefined) return [];
  return items(field(data, "timeline")).flatMap((entry, index): Mistake[] => {
    const atMs = parseDuration(String(field(entry, "at")));
    if (atMs === undefined || atMs < endMs) return [];
    const message = `is ${formatDuration(atMs)}, when the traffic has ended: it lasts ${formatDuration(endMs)}`;
    return [{ path: ["timeline", index, "at"], message }];
  });
}

/** Undefined where only playing the traffic tells. */
function trafficEndMs(traffic: unknown): Ms | undefined {
  const segments = items(field(traffic, "arrivals")).map((segment) => parseDuration(String(field(segment, "for"))));
  if (segments.length === 0) return undefined;
  return segments.reduce<Ms | undefined>(
    (sum, segmentMs) => (sum === undefined || segmentMs === undefined ? undefined : sum + segmentMs),
    0,
  );
}

function objectivesAreKnown(data: unknown): readonly Mistake[] {
  return entries(field(data, "objectives")).flatMap(([metric, written]): Mistake[] => {
    const path = ["objectives", metric];
    const unit = metricUnit(metric);
    if (unit === undefined) {
      const message =
        "is no metric; known are ttft, itl and e2e with .p95, .mean or .max, degradation.ttft.p95, errors, errors.timeout and other outcomes, rate-limited, goodput, tokens.of-limit.max, calls.per-request, queue.depth.max, scaling.reversals, .replicas.max, .under and .over, and cost.total, .per-hour, .per-request, .per-success, .wasted or .replicas.per-hour; most of them also of tenant, model or provider NAME";
      return [{ path, message, ...nearest(metric, metricExamples) }];
    }
    const missing = sloOfMetric(metric, data);
    if (missing !== undefined) return [{ path, ...missing }];
    const stranger = strangerOf(metric, data);
    if (stranger !== undefined) return [{ path, ...stranger }];
    if ((typeof written !== "string" && typeof written !== "number") || parseLimit(written, unit) !== undefined)
      return [];
    return [{ path, message: `is ${shown(written)}; allowed is ${limitForms[unit]}` }];
  });
}

/** What is wrong with `slo.availability.burn` when there is no such service level. */
function sloOfMetric(metric: string, data: unknown): Pick<Mistake, "message" | "hint"> | undefined {
  const name = /^slo\.(.+)\.\w+$/.exec(metric)?.[1];
  const known = entries(field(data, "slo")).map(([each]) => each);
  if (name === undefined || known.includes(name)) return undefined;
  const there = known.length === 0 ? "there is none" : `known are ${known.join(", ")}`;
  return { message: `is about the service level ${name}, which is not under slo; ${there}`, ...nearest(name, known) };
}

/** What is wrong with `ttft.p95 of tenant marketing` when there is no such tenant. */
function strangerOf(metric: string, data: unknown): Pick<Mistake, "message" | "hint"> | undefined {
  const { scope } = splitMetric(metric);
  if (scope === undefined) return undefined;
  const known = {
    tenant: entries(field(field(data, "traffic"), "tenants")).map(([name]) => name),
    model: items(field(field(data, "traffic"), "requests")).map((request) => String(field(request, "model"))),
    provider: entries(field(data, "providers")).map(([name]) => name),
  }[scope.kind];
  if (known.includes(scope.name)) return undefined;
  const there = known.length === 0 ? "there is none" : `there are ${[...new Set(known)].join(", ")}`;
  return { message: `is about a ${scope.kind} that is not there; ${there}`, ...nearest(scope.name, known) };
}

function degradationHasBaseline(data: unknown): readonly Mistake[] {
  const baseline = field(field(field(data, "traffic"), "users"), "baseline");
  if (baseline !== undefined && baseline !== 0) return [];
  return entries(field(data, "objectives")).flatMap(([metric]): Mistake[] =>
    metric.startsWith("degradation.") && metricUnit(metric) !== undefined
      ? [
          {
            path: ["objectives", metric],
            message: "compares with a baseline, and there is none",
            hint: "add traffic.users.baseline: 1",
          },
        ]
      : [],
  );
}
