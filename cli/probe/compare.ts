/**
 * What is different between two probes: another version of a gateway, or another configuration. Waits are jittered by some
 * gateways, so a wait is another only when it is half as long again and a second longer.
 */
import { secondMs } from "../../core/time.ts";
import type { ProbeAnswer, ProbeFindings } from "./findings.ts";

export interface Difference {
  /** `openai: cut stream`. */
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

/** Of what both were asked; a question that only one was asked is a difference too. */
export function differencesBetween(before: ProbeFindings, after: ProbeFindings): readonly Difference[] {
  const names = [...new Set([...before.answers, ...after.answers].map(nameOf))];
  return [
    ...names.flatMap((name) => {
      const [one, other] = [answerNamed(before, name), answerNamed(after, name)];
      return one === undefined || other === undefined
        ? [{ what: name, before: asked(one), after: asked(other) }]
        : answerDifferences(name, one, other);
    }),
    ...pauseDifferences(before, after),
    ...habitDifferences(before, after),
  ];
}

export function differencesInText(differences: readonly Difference[]): string {
  if (differences.length === 0) return "no difference";
  return differences.map(({ what, before, after }) => `${what}: ${before} -> ${after}`).join("\n");
}

function nameOf({ dialect, question }: ProbeAnswer): string {
  return `${dialect}: ${question}`;
}

function answerNamed({ answers }: ProbeFindings, name: string): ProbeAnswer | undefined {
  return answers.find((answer) => nameOf(answer) === name);
}

function asked(answer: ProbeAnswer | undefined): string {
  return answer === undefined ? "not asked" : "asked";
}

/** Aspects of an answer that do not depend on chance. */
const aspects: Readonly<Record<string, (answer: ProbeAnswer) => unknown>> = {
  status: ({ status }) => status,
  outcome: ({ outcome }) => outcome,
  "looks healthy": ({ looksHealthy }) => looksHealthy,
  "finish reason": ({ finishReason }) => finishReason || "none",
  "[DONE]": ({ done }) => done,
  "error told": ({ errorTold }) => errorTold,
  "retry-after passed on": ({ retryAfterPassedOn }) => retryAfterPassedOn,
  calls: ({ calls }) => calls,
  "provider stops": ({ providerStops }) => providerStops,
};

function answerDifferences(name: string, before: ProbeAnswer, after: ProbeAnswer): readonly Difference[] {
  const differing = Object.entries(aspects).filter(([, of]) => of(before) !== of(after));
  const plain = differing.map(([aspect, of]) => ({
    what: `${name}, ${aspect}`,
    before: String(of(before)),
    after: String(of(after)),
  }));
  const waits = before.waitsMs.flatMap((waitMs, index): Difference[] => {
    const otherMs = after.waitsMs[index];
    return otherMs === undefined || !isOtherWait(waitMs, otherMs)
      ? []
      : [{ what: `${name}, wait ${index + 1}`, before: seconds(waitMs), after: seconds(otherMs) }];
  });
  return [...plain, ...waits];
}

function isOtherWait(oneMs: number, otherMs: number): boolean {
  const [short, long] = oneMs < otherMs ? [oneMs, otherMs] : [otherMs, oneMs];
  return long - short > secondMs && long > 1.5 * short;
}

function pauseDifferences(before: ProbeFindings, after: ProbeFindings): readonly Difference[] {
  return before.pauses.flatMap(({ status, longestMs }): Difference[] => {
    const other = after.pauses.find((pause) => pause.status === status);
    return other === undefined || !isOtherWait(longestMs, other.longestMs)
      ? []
      : [{ what: `pause after ${status}`, before: seconds(longestMs), after: seconds(other.longestMs) }];
  });
}

function habitDifferences({ habits: before }: ProbeFindings, { habits: after }: ProbeFindings): readonly Difference[] {
  const others = new Map(Object.entries(after).map(([habit, value]) => [habit, String(value)]));
  return Object.entries(before).flatMap(([habit, value]): Difference[] => {
    const other = others.get(habit) ?? "not asked";
    return other === String(value) ? [] : [{ what: inWords(habit), before: String(value), after: other }];
  });
}

/** `stopsUpstreamOfLeavingStream` as `stops upstream of leaving stream`. */
function inWords(habit: string): string {
  return habit.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function seconds(ms: number): string {
  return `${(ms / secondMs).toFixed(1)} s`;
}
