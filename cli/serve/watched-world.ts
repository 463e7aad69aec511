/**
 * A world that people watch: it tells how things stand as time goes by, and its virtual time goes no faster than they can follow.
 *
 * While a question is open, virtual time goes as fast as the clock on the wall, because thinking costs what it costs. A live world
 * has its own pace.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { minuteMs, type Ms, secondMs } from "../../core/time.ts";
import type { World } from "../../runbooks/engine/world.ts";
import type { ProviderSample, Sample } from "../../web/console/game-day.ts";

export interface Watchers {
  /** Virtual milliseconds per millisecond at this moment; 0: as fast as it can. */
  readonly pace: () => number;
  readonly time: (nowMs: Ms) => void;
  readonly sample: (sample: Sample) => void;
}

/** How often a sample is taken, in scenario time. */
const everyMs: Ms = 5 * secondMs;

/** Lets wall time go by; resolves early when the signal is aborted. */
type Wait = (ms: Ms, signal: AbortSignal) => Promise<void>;

const waitOnTheWall: Wait = async (ms, signal) => {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
};

/** `wait` is the wall's clock unless given. */
export function watchedWorld(
  world: World,
  providers: readonly string[],
  watchers: Watchers,
  wait: Wait = waitOnTheWall,
): World {
  let sampledMs = Number.NEGATIVE_INFINITY;
  return {
    ...world,
    advanceTo: async (untilMs, signal) => {
      const pace = watchers.pace();
      const isVirtual = world.wallTime() === undefined;
      if (isVirtual && pace > 0) {
        await wait(Math.max(0, untilMs - world.nowMs()) / pace, signal);
      }
      const end = await world.advanceTo(untilMs, signal);
      const nowMs = world.nowMs();
      watchers.time(nowMs);
      if (nowMs - sampledMs >= everyMs) {
        sampledMs = nowMs;
        watchers.sample(await sampleOf(world, providers));
      }
      return end;
    },
  };
}

async function sampleOf(world: World, providers: readonly string[]): Promise<Sample> {
  const of = (metric: string): Promise<number | undefined> => world.measure(metric, minuteMs, undefined);
  const { cost } = await world.account();
  return {
    atMs: world.nowMs(),
    errors: await of("errors"),
    ttftP95Ms: await of("ttft.p95"),
    requestsPerSecond: await of("requests.per-second"),
    cost,
    replicas: { ready: await of("replicas.ready"), wished: await of("replicas.wished") },
    waiting: await of("queue.depth"),
    alerts: (await world.alerts()).map(({ alert, severity, sinceMs }) => ({ alert, severity, sinceMs })),
    providers: await Promise.all(providers.map((name) => providerSample(world, name))),
  };
}

async function providerSample(world: World, name: string): Promise<ProviderSample> {
  const scope = { kind: "provider", name } as const;
  const [errors, ttftP95Ms, requestsPerSecond] = await Promise.all([
    world.measure("errors", minuteMs, scope),
    world.measure("ttft.p95", minuteMs, scope),
    world.measure("requests.per-second", minuteMs, scope),
  ]);
  return { name, errors, ttftP95Ms, requestsPerSecond };
}
