/**
 * What the time of a request goes into. A journey always waits for exactly one thing, its next step; so the time up to a
 * step belongs to what leads to that step, and all parts add up to the whole.
 */
import type { RequestRecord, TimePart } from "../core/record.ts";
import type { Ms } from "../core/time.ts";
import type { Effort } from "./efforts.ts";
import { type Step, steps } from "./events.ts";
import type { Journey } from "./journey.ts";
import { nowhere } from "./replica.ts";

/** Parts that a journey itself can tell apart, in the order in which they are kept. */
export const timeParts: readonly TimePart[] = [
  "instance",
  "gateway",
  "budget-queue",
  "back-off",
  "failed-calls",
  "first-token",
  "generation",
  "network",
];

const instance = 0;
const gateway = 1;
const firstToken = 5;
const generation = 6;
const network = 7;

/** By step; 1 (`gateway`) for those not named. */
const partOfStep: Readonly<Record<number, number>> = {
  [steps.doorOpens]: 2,
  [steps.retryIsDue]: 3,
  [steps.lastWaitIsOver]: 3,
  [steps.callFails]: 4,
  [steps.hedgeIsDue]: firstToken,
  [steps.raceIsWon]: firstToken,
};

/** Books the time since the last step; `step` is undefined when a request has come to a replica. */
export function spend(journey: Journey, step: Step | undefined, nowMs: Ms, networkMs: Ms): void {
  const { spent, spentUntilMs } = journey;
  if (spent === undefined || nowMs <= spentUntilMs) return;
  if (!journey.clientWaits) return; // nobody's time any more
  const lengthMs = nowMs - spentUntilMs;
  journey.spentUntilMs = nowMs;
  if (step === undefined) return add(spent, instance, lengthMs);
  if (step === steps.clientLeaves) return spendInVain(journey, spent, nowMs, lengthMs);
  if (step === steps.chunkComes || step === steps.answerEnds) return spendOnAnswer(journey, spent, nowMs, lengthMs);
  const onTheWayMs = step === steps.answered ? Math.min(networkMs, lengthMs) : 0;
  add(spent, network, onTheWayMs);
  add(spent, partOfStep[step] ?? gateway, lengthMs - onTheWayMs);
}

/** Up to the first token, and after it. */
function spendOnAnswer(journey: Journey, spent: Float64Array, nowMs: Ms, lengthMs: Ms): void {
  const firstMs = journey.begunMs + (journey.plan?.ttftMs ?? 0);
  const untilFirstMs = Math.max(0, Math.min(nowMs, firstMs) - (nowMs - lengthMs));
  add(spent, firstToken, untilFirstMs);
  add(spent, generation, lengthMs - untilFirstMs);
}

/** The client left: the time went into what would have come next. */
function spendInVain(journey: Journey, spent: Float64Array, nowMs: Ms, lengthMs: Ms): void {
  if (journey.replica === nowhere) return add(spent, instance, lengthMs);
  const next = journey.interruptedStep;
  if (next === undefined || next === steps.chunkComes || next === steps.answerEnds) {
    return spendOnAnswer(journey, spent, nowMs, lengthMs);
  }
  add(spent, partOfStep[next] ?? gateway, lengthMs);
}

function add(spent: Float64Array, part: number, lengthMs: Ms): void {
  spent[part] = (spent[part] ?? 0) + lengthMs;
}

/** The parts that took any time, to the microsecond. */
export function spentParts(spent: Float64Array, effort: Effort | undefined): NonNullable<RequestRecord["spent"]> {
  const parts: Partial<Record<TimePart, Ms>> = {};
  const note = (part: TimePart, lengthMs: Ms): void => {
    const roundedMs = Math.round(lengthMs * 1_000) / 1_000;
    if (roundedMs > 0) parts[part] = roundedMs;
  };
  if (effort !== undefined) {
    note("client-tries", effort.triesMs);
    note("client-waits", effort.waitsMs);
  }
  for (const [place, part] of timeParts.entries()) note(part, spent[place] ?? 0);
  return parts;
}
