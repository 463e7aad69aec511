/**
 * HAProxy's configuration for a fleet: one place where clients come in, and slots for servers behind it.
 *
 * Servers are not listed: each slot is empty until a replica moves in at run time (`set server … addr … port`), so a fleet
 * grows and shrinks without a reload. What HAProxy adds to a request (route, keys) stands in maps that can be changed at
 * run time too: from the next request on, all of them use the new value, and none is lost.
 *
 * There are no health checks of HAProxy's own: who serves is decided in one place, the fleet, and told to it.
 * Settings: HAProxy configuration manual 2.6; `option http-no-delay` because answers are streamed.
 */
import { assertNever } from "../../core/invariant.ts";
import type { BalanceName } from "../../core/scenario/platform-spec.ts";
import { loopback } from "../child/loopback-port.ts";

export interface HaproxySettings {
  readonly port: number;
  /** Where its socket and its maps are: `socketIn`, `mapIn`. */
  readonly folder: string;
  readonly balance: HaproxyBalance;
  /** Replicas that may exist at a time. */
  readonly slots: number;
  /** Requests in flight on one replica; more wait, first come, first served. undefined: no limit. */
  readonly concurrency: number | undefined;
  /** Headers that are added to a request for a model; each has a map of values by model. */
  readonly headers: readonly string[];
}

/** Those of a scenario's that HAProxy can do; shares by version are weights of servers under round robin. */
export interface HaproxyBalance {
  readonly by: Exclude<BalanceName, "geographic">;
  readonly loadBound?: number | undefined;
}

/** A client of the fleet says here which model it asks for; the gateway does not see it. */
export const modelHeader = "x-squall-model";

/** A model's name as that header and the maps have it: HAProxy splits headers at commas, and commands at spaces. */
export function modelKey(model: string): string {
  return encodeURIComponent(model);
}

/** A client says here which conversation a request belongs to: what `consistent-hash` and switched models go by. */
export const sessionHeader = "x-squall-session";
/** A client says here for which tenant it asks; the gateway does not see it. */
export const tenantHeader = "x-squall-tenant";
/** An answer says here which slot it came from. */
export const slotHeader = "x-squall-slot";

/** The backend, and the prefix of its slots. */
export const backend = "gateway";
export const slotPrefix = "s";
/** Weight of a slot: a share of it still is a whole number. */
export const fullWeight = 100;

/** A request that is turned away gets what a simulated gateway answers: 503. */
export const turnedAwayCode = "gateway-off";
/** A tenant that has spent what it may, likewise: 429. */
export const tenantCapCode = "tenant-cap";

/**
 * Both are larger than the defaults, so that a header with a gateway's whole configuration can be added: Portkey's may have
 * 12 KiB, and arrives here in base64.
 */
const bufferBytes = 65_536;
const rewriteBytes = 20_480;
/** Above the connections of the load engine; HAProxy lowers it where the system allows fewer. */
const connectionsMax = 4_000;

export function socketIn(folder: string): string {
  return `${folder}/admin.sock`;
}

export function mapIn(folder: string, header: string): string {
  return `${folder}/${header}.map`;
}

/** Name of the map that says whether requests are let in. */
export const admission = "admission";
/** Name of the map of tenants that are refused, each with the seconds after which it may try again. */
export const barredTenants = "barred-tenants";
/** Name of the map of models that others answer for, each with its conversations in ten thousand. */
export const switchedModels = "switched-models";

/** Conversations are told apart by a hash, in so many parts: a share of them is exact to a hundredth of a percent. */
export const sessionParts = 10_000;

/** Where the headers of those requests for a model stand that another one answers; no model's key has a colon. */
export function switchedKey(key: string): string {
  return `switched:${key}`;
}

export function haproxyConfig(settings: HaproxySettings): string {
  const { folder, port, slots, concurrency } = settings;
  const limit = concurrency === undefined ? "" : ` maxconn ${concurrency}`;
  return `${[
    "global",
    "  no strict-limits",
    `  maxconn ${connectionsMax}`,
    `  tune.bufsize ${bufferBytes}`,
    `  tune.maxrewrite ${rewriteBytes}`,
    `  stats socket unix@${socketIn(folder)} mode 600 level admin`,
    "defaults",
    "  mode http",
    "  option http-no-delay",
    // A client that has given up leaves the queue.
    "  option abortonclose",
    // A connection that fails goes to another replica once; an answer that fails is never asked for again.
    "  option redispatch",
    "  retries 1",
    "  timeout connect 2s",
    "  timeout client 600s",
    "  timeout server 600s",
    "  timeout queue 600s",
    "  timeout http-request 30s",
    "  timeout http-keep-alive 60s",
    "frontend clients",
    `  bind ${loopback}:${port}`,
    `  http-request return status 503 content-type application/json string '${turnedAwayBody}' if { str(requests),map(${mapIn(folder, admission)}) -m str stopped }`,
    `  http-request return status 429 content-type application/json string '${tenantCapBody}' hdr retry-after %[req.hdr(${tenantHeader}),map(${mapIn(folder, barredTenants)})] if { req.hdr(${tenantHeader}),map(${mapIn(folder, barredTenants)}) -m found }`,
    ...routeRules(folder).map((rule) => `  http-request ${rule}`),
    ...settings.headers.map((header) => headerRule(folder, header)),
    `  http-request del-header ${modelHeader}`,
    `  http-request del-header ${tenantHeader}`,
    `  default_backend ${backend}`,
    `backend ${backend}`,
    ...balanceLines(settings.balance).map((line) => `  ${line}`),
    `  http-response set-header ${slotHeader} %s`,
    `  server-template ${slotPrefix} 1-${slots} ${loopback}:1 disabled weight ${fullWeight}${limit}`,
  ].join("\n")}\n`;
}

const turnedAwayBody = JSON.stringify({
  error: { message: "every request is turned away at present", type: "server_error", code: turnedAwayCode },
});

const tenantCapBody = JSON.stringify({
  error: { message: "this tenant has spent what it may in a minute", type: "rate_limit_error", code: tenantCapCode },
});

/**
 * Whose headers a request gets: its model's, or those of the model that answers its conversation. A conversation stays where it
 * is, and a larger share keeps those of a smaller one.
 */
function routeRules(folder: string): readonly string[] {
  return [
    `set-var(txn.route) req.hdr(${modelHeader})`,
    `set-var(txn.switched) req.hdr(${modelHeader}),map_str_int(${mapIn(folder, switchedModels)},0)`,
    `set-var(txn.lot) req.hdr(${sessionHeader}),xxh32,mod(${sessionParts})`,
    `set-var(txn.route) str(${switchedKey("")}),concat(,txn.route) if { var(txn.lot),sub(txn.switched) lt 0 }`,
  ];
}

function headerRule(folder: string, header: string): string {
  const value = `var(txn.route),map(${mapIn(folder, header)})`;
  return `  http-request set-header ${header} %[${value},b64dec] if { ${value} -m found }`;
}

function balanceLines({ by, loadBound }: HaproxyBalance): readonly string[] {
  switch (by) {
    case "round-robin":
    case "weighted":
      return ["balance roundrobin"];
    case "least-connections":
      return ["balance leastconn"];
    case "consistent-hash": {
      const bound = loadBound === undefined ? [] : [`hash-balance-factor ${Math.round(loadBound * 100)}`];
      return [`balance hdr(${sessionHeader})`, "hash-type consistent", ...bound];
    }
    default:
      return assertNever(by);
  }
}
