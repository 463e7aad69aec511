/**
 * Finds out by experiment what a gateway does when its providers fail, and what its clients see of it.
 *
 * All experiments run at the same time, each with a provider of its own; the last one ends the gateway.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestRecord } from "../../core/record.ts";
import type { Dialect } from "../../core/scenario/provider-spec.ts";
import { toDollars } from "../../core/money.ts";
import { type Ms, secondMs } from "../../core/time.ts";
import type { GatewayDriver } from "../../gateways/driver.ts";
import { type Chat, chat, type Seen } from "./client.ts";
import { failoverFrom } from "./failover.ts";
import type { Habits, Pause, ProbeAnswer, ProbedProfile, ProbeFindings } from "./findings.ts";
import { answerWithinMs, cooldownStatuses, experimentName, type Question, questions } from "./questions.ts";
import { type Actor, headerModel, retryOn, setStage, type Stage } from "./stage.ts";

export interface ProbeChoices {
  readonly driver: GatewayDriver;
  readonly dialects: readonly Dialect[];
  readonly retries: number;
  readonly cacheDir: string;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * A short answer; one whose stream has begun at its client before it breaks, on a busy machine too; and one that takes some
 * seconds.
 */
const [shortTokens, breakingTokens, longTokens] = [24, 160, 400];
/** A request to a lone failing provider every so often, for so long. */
const [knockEveryMs, knocks] = [500, 16];
/** How long a provider may go on after its client has left, and still be seen to have stopped. */
const leaveAfterMs: Ms = 1_500;
const settleMs: Ms = 8 * secondMs;
const drainMs: Ms = 10 * secondMs;
const experimentsAtOnce = 24;
/** Whose answers the profile is made of: others are tried twice below the gateway, by its own HTTP client (docs/gateways.md). */
const profiledDialect: Dialect = "openai";

/** Errors: those of the driver; the signal's reason. */
export async function probeGateway(choices: ProbeChoices): Promise<ProbeFindings> {
  const actors = castOf(choices.dialects);
  const stage = await setStage({ ...choices, actors, routing: routingOf(actors) });
  try {
    choices.onProgress(`${stage.gateway.description}: ${actors.length} experiments`);
    const asked = choices.dialects.flatMap((dialect) => questions.map((question) => ({ dialect, question })));
    const [answered, pauses, { callsBeforeFallback, ...habits }] = await Promise.all([
      someAtOnce(asked, experimentsAtOnce, (each) => put(stage, each)),
      Promise.all(cooldownStatuses.map((status) => pauseAfter(stage, status))),
      habitsOf(stage),
    ]);
    const drains = await drainsOnStop(stage);
    // Calls whose gateway had not noticed that nobody waits any more have ended with it.
    const answers = await Promise.all(answered.map((each) => answerTo(stage, each)));
    return {
      format: 1,
      gateway: stage.gateway.description,
      probedAt: new Date().toISOString(),
      policy: { retries: choices.retries, retryOn },
      answers,
      pauses,
      habits: { ...habits, drains },
      profile: profileOf(answers, pauses, habits, callsBeforeFallback),
    };
  } finally {
    await stage.close();
  }
}

const pair = { failing: "pair-failing", refusing: "pair-refusing", cut: "pair-cut", spare: "spare" } as const;
const [leaving, draining] = ["leaving", "draining"];

function castOf(dialects: readonly Dialect[]): readonly Actor[] {
  const failing = (status: number): Actor["fault"] => ({ kind: "error-rate", status, retryAfterMs: undefined });
  const openai = (name: string, fault?: Actor["fault"]): Actor => ({ name, dialect: "openai", fault });
  return [
    ...dialects.flatMap((dialect) =>
      questions.map(({ name, fault }) => ({ name: experimentName(dialect, name), dialect, fault })),
    ),
    ...cooldownStatuses.map((status) => openai(`lone-${status}`, failing(status))),
    openai(pair.failing, failing(500)),
    openai(pair.refusing, failing(400)),
    openai(pair.cut, { kind: "cut-stream", after: 0.34 }),
    ...[pair.spare, leaving, draining].map((name) => openai(name)),
  ];
}

/** Every provider is reached by its own name; those of a pair fall back to the spare one. */
function routingOf(actors: readonly Actor[]): ReadonlyMap<string, readonly string[]> {
  const pairs: readonly string[] = [pair.failing, pair.refusing, pair.cut];
  return new Map(actors.map(({ name }) => [name, pairs.includes(name) ? [name, pair.spare] : [name]]));
}

interface Asked {
  readonly dialect: Dialect;
  readonly question: Question;
}

interface Answered extends Asked {
  readonly seen: Seen;
  /** Where the client has left: seen while the gateway runs, which ends all its calls when it ends. */
  readonly providerStops: boolean | undefined;
}

async function put(stage: Stage, asked: Asked): Promise<Answered> {
  const { dialect, question } = asked;
  const name = experimentName(dialect, question.name);
  const inputTokens = question.inputTokens ?? shortTokens;
  const breaks = question.fault !== undefined && "after" in question.fault;
  const outputTokens = question.leaves === true ? longTokens : breaks ? breakingTokens : shortTokens;
  const leaves = question.leaves === true ? { leaveAfterMs } : {};
  const told = { key: name, model: name, stream: question.stream, inputTokens, outputTokens };
  const seen = await ask(stage, { ...told, ...leaves });
  const providerStops = question.leaves === true ? await stops(stage, name) : undefined;
  return { ...asked, seen, providerStops };
}

async function answerTo(stage: Stage, { dialect, question, seen, providerStops }: Answered): Promise<ProbeAnswer> {
  const calls = await settledCalls(stage, experimentName(dialect, question.name));
  const wrong = question.fault !== undefined && question.fault.kind !== "slow-first-token";
  return {
    dialect,
    question: question.name,
    stream: question.stream,
    status: seen.status,
    outcome: seen.outcome,
    reason: seen.reason,
    finishReason: seen.finishReason,
    done: seen.done,
    errorTold: seen.errorTold,
    looksHealthy: wrong && seen.outcome === "ok" && seen.finishReason !== "content_filter",
    retryAfterPassedOn: seen.retryAfter !== "",
    tookMs: Math.round(seen.tookMs),
    calls: calls.length,
    callStatuses: calls.map(({ status }) => status),
    waitsMs: waitsBetween(calls),
    cost: calls.reduce((sum, { cost }) => sum + toDollars(cost), 0),
    usageTold: seen.outputTokens,
    usageTrue: calls.at(-1)?.outputTokens ?? 0,
    ...(providerStops === undefined ? {} : { providerStops }),
  };
}

function ask(stage: Stage, asked: Pick<Chat, "key" | "model"> & Partial<Chat>): Promise<Seen> {
  const { signal, gateway } = stage;
  const whole = { stream: false, inputTokens: shortTokens, outputTokens: shortTokens, leaveAfterMs: answerWithinMs };
  return chat(gateway.call(asked.model), { ...whole, signal, ...asked });
}

/** The calls of a request, once a provider has finished with at least one. */
async function settledCalls(stage: Stage, key: string): Promise<readonly RequestRecord[]> {
  const until = performance.now() + settleMs;
  for (;;) {
    const calls = await stage.callsOf(key);
    if (calls.length > 0 || performance.now() > until) return calls;
    await sleep(100);
  }
}

function waitsBetween(calls: readonly RequestRecord[]): readonly Ms[] {
  return calls.slice(1).map((call, index) => Math.round(call.sentMs - (calls[index]?.endMs ?? 0)));
}

/** Requests keep coming, whatever becomes of them. */
async function pauseAfter(stage: Stage, status: number): Promise<Pause> {
  const model = `lone-${status}`;
  const keys = Array.from({ length: knocks }, (_, index) => `${model}.k${index}`);
  const knocked = await Promise.all(
    keys.map(async (key, index) => {
      await sleep(index * knockEveryMs, undefined, { signal: stage.signal });
      return { key, seen: await ask(stage, { key, model }) };
    }),
  );
  const calls = await Promise.all(keys.map((key) => stage.callsOf(key)));
  const without = knocked.filter((_, index) => calls[index]?.length === 0);
  const instants = calls
    .flat()
    .map(({ sentMs }) => sentMs)
    .toSorted((one, other) => one - other);
  const gaps = instants.slice(1).map((instant, index) => instant - (instants[index] ?? instant));
  return {
    status,
    requests: keys.length,
    answeredWithoutCall: without.length,
    longestMs: without.length === 0 ? 0 : Math.round(Math.max(0, ...gaps)),
    statusMeanwhile: without[0]?.seen.status ?? 0,
  };
}

const tracingHeaders: Readonly<Record<string, string>> = {
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  "x-request-id": "squall-probe",
  "x-squall-probe": "yes",
};

type HabitsSeen = Omit<Habits, "drains"> & { readonly callsBeforeFallback: number };

async function habitsOf(stage: Stage): Promise<HabitsSeen> {
  const [, fallback, refused, cut, stream, whole] = await Promise.all([
    ask(stage, { key: "headers", model: headerModel, headers: tracingHeaders }),
    ask(stage, { key: "fallback", model: pair.failing }),
    ask(stage, { key: "fallback-after-refusal", model: pair.refusing }),
    ask(stage, { key: "fallback-in-stream", model: pair.cut, stream: true }),
    stopsWhenClientLeaves(stage, true),
    stopsWhenClientLeaves(stage, false),
  ]);
  const seen = stage.headersSeen() ?? {};
  const calls = await stage.callsOf("fallback");
  return {
    headersPassedOn: Object.entries(tracingHeaders).flatMap(([name, value]) => (seen[name] === value ? [name] : [])),
    fallsBack: fallback.outcome === "ok",
    fallsBackAfterRefusal: refused.outcome === "ok",
    callsBeforeFallback: Math.max(
      0,
      calls.findIndex(({ provider }) => provider === pair.spare),
    ),
    fallsBackInStream: cut.outcome === "ok",
    stopsUpstreamOfLeavingStream: stream,
    stopsUpstreamOfLeavingWhole: whole,
  };
}

async function stopsWhenClientLeaves(stage: Stage, stream: boolean): Promise<boolean> {
  const key = stream ? "leaving-stream" : "leaving-whole";
  await ask(stage, { key, model: leaving, stream, outputTokens: longTokens, leaveAfterMs });
  return await stops(stage, key);
}

/** Whether the provider has stopped, some time after the client has left. */
async function stops(stage: Stage, key: string): Promise<boolean> {
  return (await settledCalls(stage, key)).at(-1)?.outcome === "aborted";
}

/** Ends the gateway. */
async function drainsOnStop(stage: Stage): Promise<boolean> {
  const answer = ask(stage, { key: "draining", model: draining, stream: true, outputTokens: longTokens });
  await sleep(leaveAfterMs);
  await stage.gateway.stop(drainMs);
  return (await answer).outcome === "ok";
}

function profileOf(
  answers: readonly ProbeAnswer[],
  pauses: readonly Pause[],
  habits: Omit<Habits, "drains">,
  callsBeforeFallback: number,
): ProbedProfile {
  const cooled = pauses.filter(({ longestMs }) => longestMs > 0);
  return {
    failover: failoverFrom({
      answers: answers.filter(({ dialect }) => dialect === profiledDialect),
      retryOn,
      callsBeforeFallback,
      fallsBackAfterRefusal: habits.fallsBackAfterRefusal === true,
    }),
    cancelsUpstream: habits.stopsUpstreamOfLeavingStream,
    cooldownMs: Object.fromEntries(cooled.map(({ status, longestMs }) => [status, longestMs])),
  };
}

/** Results in the order of the items. */
async function someAtOnce<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Map<number, Result>();
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return items.flatMap((_, index) => {
    const result = results.get(index);
    return result === undefined ? [] : [result];
  });
}
