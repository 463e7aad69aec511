/**
 * Runs of one scenario that were played beside each other, as one run: the pods of a load test, each with a part of the users.
 *
 * They are taken to have started together, so an instant means the same in each. Records are put in order of time, and what
 * was counted (calls, tokens, money, users, replicas) is added up; so are limits, since each part had accounts of its own.
 */
import { usageError } from "../core/errors.ts";
import { addMoney } from "../core/money.ts";
import type { RequestRecord } from "../core/record.ts";
import type {
  DemandBin,
  PhaseSpan,
  ProviderLedger,
  ReplicaAccount,
  ReplicaCounts,
  Run,
  RunManifest,
  UsageBin,
} from "../core/run.ts";
import { recordsMax, tooManyRecords } from "./record-bound.ts";

/** Throws `merge-mismatch` for runs that are not of one kind and one scenario. */
export function mergeRuns(runs: readonly Run[]): Run {
  const [first] = runs;
  if (first === undefined) throw mismatch("there is nothing to merge");
  if (runs.length === 1) return first;
  for (const { manifest } of runs) assertAlike(first.manifest, manifest);
  const count = runs.reduce((sum, { records }) => sum + records.length, 0);
  if (count > recordsMax) throw mismatch(`together they have ${tooManyRecords}`);
  return {
    manifest: mergeManifests(runs.map(({ manifest }) => manifest)),
    records: mergeRecords(runs),
    events: runs.flatMap(({ events }) => events).toSorted((left, right) => left.atMs - right.atMs),
  };
}

function assertAlike(one: RunManifest, other: RunManifest): void {
  if (one.kind !== other.kind) throw mismatch(`one run is ${one.kind}, another ${other.kind}`);
  if (one.scenarioText !== other.scenarioText)
    throw mismatch(`their scenarios differ (${one.scenario}, ${other.scenario})`);
  if (one.timeScale !== other.timeScale)
    throw mismatch(`their time scales differ (${one.timeScale}, ${other.timeScale})`);
}

/** In order of time. Keys that two parts share get the number of their part, so that they stay unique. */
function mergeRecords(runs: readonly Run[]): readonly RequestRecord[] {
  const keys = runs.flatMap(({ records }) => records.map(({ key, phase }) => `${phase} ${key}`));
  const isUnique = new Set(keys).size === keys.length;
  return runs
    .flatMap(({ records }, part) =>
      isUnique ? records : records.map((record) => ({ ...record, key: `${part + 1}/${record.key}` })),
    )
    .toSorted((left, right) => left.intendedMs - right.intendedMs);
}

function mergeManifests(manifests: readonly RunManifest[]): RunManifest {
  const [first] = manifests;
  if (first === undefined) throw mismatch("there is nothing to merge");
  const statuses = new Set(manifests.map(({ status }) => status));
  const accounts = manifests.flatMap(({ replicas }) => replicas ?? []);
  const { replicas: _ofFirst, generator: _generatorOfFirst, ...rest } = first;
  const generator = worstGenerator(manifests);
  return {
    ...rest,
    durationMs: Math.max(...manifests.map(({ durationMs }) => durationMs)),
    status: statuses.has("failed") ? "failed" : statuses.has("interrupted") ? "interrupted" : "complete",
    phases: mergePhases(manifests.flatMap(({ phases }) => phases)),
    providers: groups(
      manifests.flatMap(({ providers }) => providers),
      ({ provider }) => provider,
    ).map(mergeLedgers),
    ...(accounts.length < manifests.length ? {} : { replicas: mergeReplicas(accounts) }),
    ...(generator === undefined ? {} : { generator }),
  };
}

/** One that could not keep up spoils the whole. */
function worstGenerator(manifests: readonly RunManifest[]): RunManifest["generator"] {
  const healths = manifests.flatMap(({ generator }) => generator ?? []);
  return healths.reduce<RunManifest["generator"]>(
    (worst, health) =>
      worst === undefined
        ? health
        : {
            latenessP50Ms: Math.max(worst.latenessP50Ms, health.latenessP50Ms),
            latenessP99Ms: Math.max(worst.latenessP99Ms, health.latenessP99Ms),
            latenessMaxMs: Math.max(worst.latenessMaxMs, health.latenessMaxMs),
            loopUtilization: Math.max(worst.loopUtilization, health.loopUtilization),
            overload: worst.overload === "" ? health.overload : worst.overload,
          },
    undefined,
  );
}

function mergePhases(phases: readonly PhaseSpan[]): readonly PhaseSpan[] {
  return groups(phases, ({ name }) => name).map(([first, ...others]) => ({
    ...first,
    startMs: Math.min(first.startMs, ...others.map(({ startMs }) => startMs)),
    endMs: Math.max(first.endMs, ...others.map(({ endMs }) => endMs)),
    ...(first.users === undefined ? {} : { users: sum([first, ...others], ({ users }) => users ?? 0) }),
  }));
}

function mergeLedgers(ledgers: Group<ProviderLedger>): ProviderLedger {
  const [first] = ledgers;
  const limit = (values: readonly (number | null)[]): number | null =>
    values.includes(null) ? null : sum(values, (value) => value ?? 0);
  return {
    ...first,
    calls: sum(ledgers, ({ calls }) => calls),
    served: sum(ledgers, ({ served }) => served),
    refused: sum(ledgers, ({ refused }) => refused),
    failed: sum(ledgers, ({ failed }) => failed),
    inputTokens: sum(ledgers, ({ inputTokens }) => inputTokens),
    cachedTokens: sum(ledgers, ({ cachedTokens }) => cachedTokens),
    outputTokens: sum(ledgers, ({ outputTokens }) => outputTokens),
    wastedTokens: sum(ledgers, ({ wastedTokens }) => wastedTokens),
    cost: ledgers.reduce((total, { cost }) => addMoney(total, cost), 0),
    unpricedModels: [...new Set(ledgers.flatMap(({ unpricedModels }) => unpricedModels))],
    usage: groups(
      ledgers.flatMap(({ usage }) => usage),
      ({ startMs, widthMs }) => `${startMs} ${widthMs}`,
    )
      .map(mergeUsage)
      .toSorted((left, right) => left.startMs - right.startMs),
    limits: groups(
      ledgers.flatMap(({ limits }) => limits),
      ({ model }) => model,
    ).map(([one, ...others]) => ({
      ...one,
      requestsPerMinute: limit([one, ...others].map((each) => each.requestsPerMinute)),
      tokensPerMinute: limit([one, ...others].map((each) => each.tokensPerMinute)),
    })),
  };
}

function mergeUsage(bins: Group<UsageBin>): UsageBin {
  return {
    ...bins[0],
    calls: sum(bins, ({ calls }) => calls),
    refused: sum(bins, ({ refused }) => refused),
    chargedTokens: sum(bins, ({ chargedTokens }) => chargedTokens),
    inputTokens: sum(bins, ({ inputTokens }) => inputTokens),
    outputTokens: sum(bins, ({ outputTokens }) => outputTokens),
    cost: bins.reduce((total, { cost }) => addMoney(total, cost), 0),
  };
}

/** At every change of any part, what all parts have then. */
function mergeReplicas(accounts: readonly ReplicaAccount[]): ReplicaAccount {
  const instants = [...new Set(accounts.flatMap(({ counts }) => counts.map(({ atMs }) => atMs)))].toSorted(
    (left, right) => left - right,
  );
  const at = ({ counts }: ReplicaAccount, atMs: number): ReplicaCounts | undefined =>
    counts.findLast((count) => count.atMs <= atMs);
  return {
    hourly: Math.max(...accounts.map(({ hourly }) => hourly)),
    startupMs: Math.max(...accounts.map(({ startupMs }) => startupMs)),
    counts: instants.map((atMs) => ({
      atMs,
      wished: sum(accounts, (account) => at(account, atMs)?.wished ?? 0),
      starting: sum(accounts, (account) => at(account, atMs)?.starting ?? 0),
      ready: sum(accounts, (account) => at(account, atMs)?.ready ?? 0),
      draining: sum(accounts, (account) => at(account, atMs)?.draining ?? 0),
    })),
    demand: groups(
      accounts.flatMap(({ demand }) => demand),
      ({ startMs, widthMs }) => `${startMs} ${widthMs}`,
    ).map(([one, ...others]) => ({
      startMs: one.startMs,
      widthMs: one.widthMs,
      arrived: sum([one, ...others], ({ arrived }) => arrived),
      ...busyOf([one, ...others]),
    })),
  };
}

/** Unknown as soon as it is unknown of one. */
function busyOf(bins: readonly DemandBin[]): Pick<DemandBin, "replicas"> {
  const known = bins.flatMap(({ replicas }) => replicas ?? []);
  return known.length < bins.length ? {} : { replicas: sum(known, (replicas) => replicas) };
}

type Group<Item> = readonly [Item, ...Item[]];

/** Items with the same name, in the order in which each name is met first. */
function groups<Item>(items: readonly Item[], nameOf: (item: Item) => string): readonly Group<Item>[] {
  const found = new Map<string, [Item, ...Item[]]>();
  for (const item of items) {
    const group = found.get(nameOf(item));
    if (group === undefined) found.set(nameOf(item), [item]);
    else group.push(item);
  }
  return [...found.values()];
}

function sum<Item>(items: readonly Item[], amount: (item: Item) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}

function mismatch(why: string): Error {
  return usageError(`these runs cannot be merged: ${why}`, {
    code: "merge-mismatch",
    hint: "give the folders of runs of one scenario that were played beside each other",
  });
}
