/**
 * Measures what a gateway itself costs, as a profile for the simulator, on a machine that does nothing else. Needs Linux.
 *
 * One client and one upstream stand on either side of the real gateway (`gateway-under-test.ts`). CPU is that of the gateway's
 * event loop, its idle use taken off. What finds the event loop idle must wake it and costs more; so each cost is
 * measured for both. Lines are least squares.
 *
 *   request alone       one at a time, with pauses                requestCpuMs + endCpuMs
 *   requests in step    n at the same instant                     … + n x the same, busy
 *   chunks at once      streams with k chunks in one write        … + k x coalescedChunkCpuMs, per write
 *   chunks at rates     1 to 80 streams, each in its own time     chunkCpuMs, its busyChunkShare, and warmMs
 *   streams at once     16 at any time, short and long            busyChunkShare at least, and streamCpuMs
 *
 * A loop that is busy for a share U of the time, and gets λ chunks per millisecond, is cold for the next one with the
 * probability p = (1 - U) e^(-λ warmMs), the rule of simulator/chunk-flow.ts. So U / λ, what a chunk cost, lies on a line over
 * p: `busy` at 0, chunkCpuMs at 1. Of all warmMs that one is taken with which the line fits best.
 *
 * A crowd that keeps the gateway at work without a pause tells it without a line to extend, and what is done when a stream ends is
 * in it as well: there a chunk costs what the longer streams cost more, where that is more than by the line before; and what a stream
 * costs beyond a request and its chunks is streamCpuMs. Of a gateway that has time to spare in that crowd, nothing is taken from it.
 *
 * The cost of a request is divided into its two parts in proportion to the times from client to upstream and from upstream
 * back to the client. What is left of the round trip is networkMs. The wait before the first chunk is the time it takes to
 * come through, less its two reads and half of the network. requestTurns: in a second gateway, whose event loop is held for
 * 50 ms in each turn, a request takes half a turn to be seen at all, and a whole one for each further time that it waits. Only
 * Node's event loop can be held; of other gateways one turn is taken.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { linearRegression, mean, median } from "simple-statistics";
import type { GatewayProfile } from "../../behavior/gateway-profile.ts";
import type { Ms } from "../../core/time.ts";
import {
  type Ask,
  type Passage,
  type TestChoices,
  type GatewayUnderTest,
  startGatewayUnderTest,
  writeGapMs,
} from "./gateway-under-test.ts";

const pauseMs: Ms = 5;
const requestsAlone = 200;
const requestsInStep: readonly number[] = [4, 8, 16, 32];
/** Requests per number of requests in step. */
const requestsPerStep = 160;
/** Longer than 32 requests take to go in, so that their answers come in step too. */
const answerAfterMs: Ms = 60;
const streams = 30;
const streamsAtOnce = 5;
const chunksAtOnce: readonly number[] = [1, 4, 8, 16];
/** The first chunks of a stream are held together, so the shortest is long enough to have others. */
const writes: readonly [number, number] = [10, 50];
const streamsAtRates: readonly number[] = [1, 2, 3, 5, 8, 12, 20, 40, 80];
/** A gateway busier than this passes chunks on in heaps: what one costs can no longer be told, nor with more streams. */
const utilizationMax = 0.85;
/** Streams of the last step begin, are measured, and end. */
const [beginMs, watchMs, endMs] = [700, 2_000, 300];
/** Candidates for warmMs. */
const warmths: readonly Ms[] = Array.from({ length: 21 }, (_, index) => index / 10);
/** Lengths of streams in a crowd, in writes, and how many of them: some seconds of the slowest gateway. */
const crowdedWrites: readonly [number, number] = [13, 52];
const [crowdedAtOnce, crowdedStreams] = [16, 96];
/** Share of the time at work that is hardly any time to spare: the last streams of a crowd end one by one. */
const withoutPause = 0.8;
const firstChunks = 10;
const heldMs: Ms = 50;
const heldRequests = 40;

/** One round; times in milliseconds. */
interface Round {
  readonly requestMs: Ms;
  readonly busyRequestMs: Ms;
  readonly furtherChunkMs: Ms;
  readonly atRates: readonly AtRate[];
  /** Of streams in a crowd, by the two lengths; undefined where it left the gateway time to spare. */
  readonly crowdedMs: readonly [Ms, Ms] | undefined;
  readonly passages: readonly Passage[];
  readonly firstChunkPassages: readonly Passage[];
}

/** Chunks per millisecond, and the share of the time in which the event loop was busy with them. */
interface AtRate {
  readonly chunksPerMs: number;
  readonly utilization: number;
}

/** The profile, and what the simulator does not take. */
export interface Calibration {
  readonly profile: Pick<
    GatewayProfile,
    | "name"
    | "version"
    | "requestCpuMs"
    | "chunkCpuMs"
    | "coalescedChunkCpuMs"
    | "endCpuMs"
    | "streamCpuMs"
    | "busyRequestShare"
    | "busyChunkShare"
    | "warmMs"
    | "requestTurns"
    | "firstChunkDelayMs"
    | "networkMs"
  >;
  /** Times that everything was measured; the medians count. */
  readonly rounds: number;
  readonly startUpMs: Ms;
  readonly rssBytesIdle: number;
  readonly rssBytesBusy: number;
  /** Requests per second that it answers when it always has `ceilingAtOnce` of them. */
  readonly requestsPerSecond: number;
  /** CPU of a request then: a check on what the profile says of a busy gateway. */
  readonly ceilingCpuMs: Ms;
  /** Of a request alone, client to client, in milliseconds. */
  readonly roundTripMs: Ms;
}

export const ceilingAtOnce = 16;
const ceilingRequests = 400;
/** The requests above take LiteLLM, the slowest, seven seconds. */
const ceilingMs: Ms = 10_000;

export interface CalibrationChoices extends TestChoices {
  /** Times that everything is measured, one at least: no more, and none is begun that would not end within `withinMs`. */
  readonly rounds: number;
  /** From the start of the first gateway, wall time. */
  readonly withinMs: Ms;
}

/** Errors: those of the driver, and `not-measurable`. */
export async function calibrateGateway(choices: CalibrationChoices): Promise<Calibration> {
  const { rounds, withinMs } = choices;
  const beganMs = performance.now();
  const requestTurns = choices.driver.name === "portkey" ? await turns(choices) : 1;
  const gateway = await startGatewayUnderTest(choices);
  try {
    choices.onProgress(`${gateway.description}: warming up`);
    const rssBytesIdle = await gateway.rssBytes();
    await crowd(gateway, 8, 500, {});
    await crowd(gateway, streamsAtOnce, 100, { writes: 50 });
    await sleep(1_000);
    const idle = await cpuOf(gateway, 0, () => sleep(5_000));
    const measured: Round[] = [];
    let longestMs = ceilingMs;
    for (let round = 1; round <= rounds; round++) {
      choices.signal.throwIfAborted();
      const startedMs = performance.now();
      if (round > 1 && startedMs - beganMs + longestMs + ceilingMs > withinMs) break;
      choices.onProgress(`${gateway.description}: round ${round} of at most ${rounds}`);
      measured.push(await measure(gateway, idle.shareOfWall));
      longestMs = Math.max(longestMs, performance.now() - startedMs);
    }
    const startedAtMs = performance.now();
    const ceiling = await cpuOf(gateway, idle.shareOfWall, () => crowd(gateway, ceilingAtOnce, ceilingRequests, {}));
    const requestsPerSecond = (ceilingRequests * 1_000) / (performance.now() - startedAtMs);
    return {
      ...calibrationFrom(gateway, measured, requestTurns),
      rounds: measured.length,
      startUpMs: Math.round(gateway.startUpMs),
      rssBytesIdle,
      rssBytesBusy: await gateway.rssBytes(),
      requestsPerSecond: Math.round(requestsPerSecond),
      ceilingCpuMs: rounded(ceiling.cpuMs / ceilingRequests),
    };
  } finally {
    await gateway.stop();
  }
}

async function measure(gateway: GatewayUnderTest, idleShare: number): Promise<Round> {
  const cost = async (work: () => Promise<void>): Promise<Ms> => (await cpuOf(gateway, idleShare, work)).cpuMs;
  const passages: Passage[] = [];
  const requestMs = await cost(async () => {
    for (let index = 0; index < requestsAlone; index++) {
      passages.push(await gateway.pass({}));
      await sleep(pauseMs);
    }
  });
  const busyRequestMs = await slope(requestsInStep, async (count) => {
    const times = requestsPerStep / count;
    const cpuMs = await cost(async () => {
      for (let time = 0; time < times; time++) {
        await crowd(gateway, count, count, { afterMs: answerAfterMs });
        await sleep(pauseMs);
      }
    });
    return cpuMs / times;
  });
  const furtherChunkMs = await slope(chunksAtOnce, async (chunksPerWrite) => {
    const perStream = (many: number): Promise<Ms> =>
      cost(() => crowd(gateway, streamsAtOnce, streams, { writes: many, chunksPerWrite }));
    return (await between(writes, perStream)) / streams;
  });
  const atRates: AtRate[] = [];
  for (const count of streamsAtRates) {
    const rate = await atRate(gateway, idleShare, count);
    if (rate.utilization > utilizationMax && atRates.length > 1) break;
    atRates.push(rate);
  }
  const crowdedMs = await ofCrowd(gateway, idleShare);
  const firstChunkPassages: Passage[] = [];
  for (let index = 0; index < firstChunks; index++) firstChunkPassages.push(await gateway.pass({ writes: 1 }));
  return {
    requestMs: requestMs / requestsAlone,
    busyRequestMs,
    furtherChunkMs,
    atRates,
    crowdedMs,
    passages,
    firstChunkPassages,
  };
}

async function ofCrowd(gateway: GatewayUnderTest, idleShare: number): Promise<Round["crowdedMs"]> {
  const costs: Ms[] = [];
  for (const writes of crowdedWrites) {
    const work = (): Promise<void> => crowd(gateway, crowdedAtOnce, crowdedStreams, { writes });
    const { cpuMs, shareOfWall } = await cpuOf(gateway, idleShare, work);
    if (shareOfWall < withoutPause) return undefined;
    costs.push(cpuMs / crowdedStreams);
  }
  const [short = 0, long = 0] = costs;
  return [short, long];
}

/** So many streams in the midst of their answers. */
async function atRate(gateway: GatewayUnderTest, idleShare: number, count: number): Promise<AtRate> {
  const perStream = Math.round((beginMs + watchMs + endMs) / writeGapMs);
  const done = crowd(gateway, count, count, { writes: perStream });
  await sleep(beginMs);
  const { shareOfWall } = await cpuOf(gateway, idleShare, () => sleep(watchMs));
  await done;
  return { chunksPerMs: count / writeGapMs, utilization: shareOfWall };
}

interface ChunkCosts {
  readonly idleMs: Ms;
  readonly busyMs: Ms;
  readonly warmMs: Ms;
}

/** The line that fits best what chunks cost at different rates. */
function chunkCosts(atRates: readonly AtRate[]): ChunkCosts {
  const fits = warmths.map((warmMs) => {
    const points = atRates.map(({ chunksPerMs, utilization }): [number, number] => [
      (1 - utilization) * Math.exp(-chunksPerMs * warmMs),
      utilization / chunksPerMs,
    ]);
    const { m, b } = linearRegression(points);
    const errors = points.map(([cold, costMs]) => (b + m * cold - costMs) ** 2);
    return { idleMs: b + m, busyMs: b, warmMs, error: Math.sqrt(mean(errors)) };
  });
  const best = fits.reduce((one, other) => (other.error < one.error ? other : one));
  return best;
}

function withCrowd(apart: ChunkCosts, crowdedMs: Round["crowdedMs"]): ChunkCosts {
  if (crowdedMs === undefined) return apart;
  const [short, long] = crowdedWrites;
  return { ...apart, busyMs: Math.max(apart.busyMs, (crowdedMs[1] - crowdedMs[0]) / (long - short)) };
}

/** What streams in a crowd cost beyond their chunks, on average. */
function beyondChunks(crowdedMs: readonly [Ms, Ms], chunkMs: Ms): Ms {
  return mean(crowdedMs.map((costMs, index) => costMs - (crowdedWrites[index] ?? 0) * chunkMs));
}

function calibrationFrom(
  gateway: GatewayUnderTest,
  measured: readonly Round[],
  requestTurns: number,
): Pick<Calibration, "profile" | "roundTripMs"> {
  const { requestMs, busyRequestMs, furtherChunkMs, atRates, crowdedMs } = medians(measured);
  const chunk = withCrowd(chunkCosts(atRates), crowdedMs);
  const streamMs = crowdedMs === undefined ? 0 : Math.max(0, beyondChunks(crowdedMs, chunk.busyMs) - busyRequestMs);
  const passages = measured.flatMap((round) => round.passages);
  const toUpstreamMs = median(passages.map((passage) => passage.toUpstreamMs));
  const toClientMs = median(passages.map((passage) => passage.toClientMs));
  const roundTripMs = median(passages.map((passage) => passage.roundTripMs));
  const firstChunkMs = median(
    measured.flatMap((round) => round.firstChunkPassages.map((passage) => passage.toClientMs)),
  );
  const requestShare = toUpstreamMs / (toUpstreamMs + toClientMs);
  const networkMs = Math.max(0, roundTripMs - requestMs);
  const [name = "", version = ""] = gateway.description.split(" ");
  const profile = {
    name,
    version,
    requestCpuMs: requestMs * requestShare,
    chunkCpuMs: chunk.idleMs,
    coalescedChunkCpuMs: Math.max(0, furtherChunkMs),
    endCpuMs: requestMs * (1 - requestShare),
    streamCpuMs: (streamMs * requestMs) / busyRequestMs,
    busyRequestShare: Math.min(1, busyRequestMs / requestMs),
    busyChunkShare: Math.min(1, chunk.busyMs / chunk.idleMs),
    warmMs: chunk.warmMs,
    requestTurns,
    firstChunkDelayMs: Math.max(0, firstChunkMs - 2 * chunk.idleMs - networkMs / 2),
    networkMs,
  };
  const round = (value: string | number): string | number => (typeof value === "number" ? rounded(value) : value);
  const entries = Object.entries(profile).map(([key, value]) => [key, round(value)]);
  return { profile: Object.fromEntries(entries) as typeof profile, roundTripMs: rounded(roundTripMs) };
}

function medians(measured: readonly Round[]): Omit<Round, "passages" | "firstChunkPassages"> {
  const of = (cost: (round: Round) => number): number => rounded(median(measured.map(cost)));
  return {
    requestMs: of((round) => round.requestMs),
    busyRequestMs: of((round) => round.busyRequestMs),
    furtherChunkMs: of((round) => round.furtherChunkMs),
    crowdedMs: measured.every(({ crowdedMs }) => crowdedMs !== undefined)
      ? [of(({ crowdedMs }) => crowdedMs?.[0] ?? Number.NaN), of(({ crowdedMs }) => crowdedMs?.[1] ?? Number.NaN)]
      : undefined,
    // Only rates that every round came to.
    atRates: streamsAtRates
      .slice(0, Math.min(...measured.map(({ atRates }) => atRates.length)))
      .map((count, index) => ({
        chunksPerMs: count / writeGapMs,
        utilization: of((round) => round.atRates[index]?.utilization ?? Number.NaN),
      })),
  };
}

/** How many times a request waits for its turn before it is sent upstream. */
async function turns(choices: TestChoices): Promise<number> {
  const hold = `const hold = () => { const end = performance.now() + ${heldMs}; while (performance.now() < end); setImmediate(hold); }; setTimeout(hold, 3000);`;
  const slow = await startGatewayUnderTest(choices, `--import=data:text/javascript,${encodeURIComponent(hold)}`);
  try {
    await sleep(4_000);
    const passages: Passage[] = [];
    for (let index = 0; index < heldRequests; index++) {
      await sleep(Math.random() * heldMs);
      passages.push(await slow.pass({}));
    }
    const inTurns = mean(passages.map((passage) => passage.toUpstreamMs)) / heldMs;
    return Math.max(1, Math.round(inTurns + 0.5));
  } finally {
    await slow.stop();
  }
}

/** So many requests, a few at a time. Streams write in their own time, not in step; requests that are not streamed come at once. */
async function crowd(gateway: GatewayUnderTest, atOnce: number, count: number, ask: Ask): Promise<void> {
  const player = async (index: number): Promise<void> => {
    if (ask.writes !== undefined) await sleep((index * writeGapMs) / atOnce);
    for (let played = index; played < count; played += atOnce) await gateway.pass(ask);
  };
  await Promise.all(Array.from({ length: atOnce }, (_, index) => player(index)));
}

/** CPU of the gateway's event loop while `work` runs, less what it would have used idle. */
async function cpuOf(
  gateway: GatewayUnderTest,
  idleShare: number,
  work: () => Promise<void>,
): Promise<{ readonly cpuMs: Ms; readonly shareOfWall: number }> {
  const beforeMs = await gateway.loopCpuMs();
  const startedAtMs = performance.now();
  await work();
  const wallMs = performance.now() - startedAtMs;
  const cpuMs = (await gateway.loopCpuMs()) - beforeMs - idleShare * wallMs;
  return { cpuMs, shareOfWall: cpuMs / wallMs };
}

/** What one more costs. */
async function slope(counts: readonly number[], costOf: (count: number) => Promise<Ms>): Promise<Ms> {
  const points: [number, number][] = [];
  for (const count of counts) points.push([count, await costOf(count)]);
  return linearRegression(points).m;
}

/** What each costs of those that are in the larger number and not in the smaller: without the beginning and the end. */
async function between([few, many]: readonly [number, number], costOf: (count: number) => Promise<Ms>): Promise<Ms> {
  const fewMs = await costOf(few);
  return ((await costOf(many)) - fewMs) / (many - few);
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
