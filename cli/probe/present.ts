/** What a probe found out, as text for a terminal. */
import { formatDuration, secondMs } from "../../core/time.ts";
import { type Cell, textTable } from "../../reports/text-table.ts";
import type { Habits, Pause, ProbeAnswer, ProbeFindings } from "./findings.ts";

export function findingsInText(findings: ProbeFindings, width: number): string {
  const { gateway, policy, answers, pauses, habits } = findings;
  const dialects = [...new Set(answers.map(({ dialect }) => dialect))];
  return [
    `${gateway}, ${policy.retries} retries asked for, probed ${findings.probedAt.slice(0, 10)}`,
    ...dialects.flatMap((dialect) => [
      "",
      dialect,
      ...answerTable(
        answers.filter((answer) => answer.dialect === dialect),
        width,
      ),
    ]),
    "",
    ...pauses.map(pauseInWords),
    ...habitsInWords(habits),
  ].join("\n");
}

/** The client's side of an answer: `200 cut-stream, error told, [DONE]`. */
export function clientSide({
  status,
  outcome,
  looksHealthy,
  finishReason,
  done,
  errorTold,
  stream,
}: ProbeAnswer): string {
  const broken = stream && status === 200 && outcome !== "ok";
  return [
    `${status === 0 ? "no status" : status} ${looksHealthy ? "looks healthy" : outcome}`,
    ...(finishReason === "" || finishReason === "stop" ? [] : [`finish ${finishReason}`]),
    ...(broken ? [errorTold ? "error told" : "no error told", ...(done ? ["[DONE]"] : [])] : []),
  ].join(", ");
}

/** The providers' side: `3 calls: +1.1 +2.0 s`, the waits between them. */
export function providerSide({ calls, waitsMs }: ProbeAnswer): string {
  if (calls === 0) return "no call";
  if (calls === 1) return "1 call";
  return `${calls} calls: ${waitsMs.map((waitMs) => `+${(waitMs / secondMs).toFixed(1)}`).join(" ")} s`;
}

function answerTable(answers: readonly ProbeAnswer[], width: number): readonly string[] {
  const head = ["", "client", "provider", "took", ""];
  const rows = answers.map((answer) => [
    answer.question,
    clientSide(answer),
    providerSide(answer),
    `${(answer.tookMs / secondMs).toFixed(1)} s`,
    remark(answer),
  ]);
  const columns = head.map((_, index) => ({ align: index === 3 ? "right" : "left", shrinks: index === 4 }) as const);
  return textTable(
    columns,
    [head, ...rows].map((row) => row.map((text): Cell => ({ text }))),
    width,
  );
}

/** What is rarely to be told. */
export function remark({ retryAfterPassedOn, usageTold, usageTrue, providerStops }: ProbeAnswer): string {
  return [
    ...(providerStops === undefined ? [] : [providerStops ? "the provider stops" : "the provider goes on"]),
    ...(retryAfterPassedOn ? ["retry-after passed on"] : []),
    ...(usageTold === undefined || usageTold === usageTrue ? [] : [`${usageTold} tokens told, ${usageTrue} true`]),
  ].join(", ");
}

function pauseInWords({ status, answeredWithoutCall, longestMs, statusMeanwhile, requests }: Pause): string {
  return answeredWithoutCall === 0
    ? `a lone provider that answers ${status} is called every time`
    : `a lone provider that answers ${status} is left alone for ${formatDuration(longestMs)}: ${answeredWithoutCall} of ${requests} requests were answered ${statusMeanwhile} without a call`;
}

function habitsInWords(habits: Habits): readonly string[] {
  const does = (yes: boolean, what: string): string => `${yes ? "yes" : "no "}  ${what}`;
  return [
    "",
    does(habits.fallsBack, "falls back to the next provider after a 500"),
    ...(habits.fallsBackAfterRefusal === undefined
      ? []
      : [does(habits.fallsBackAfterRefusal, "falls back after a 400, which it was not told")]),
    does(habits.fallsBackInStream, "falls back in the middle of a stream that is cut"),
    does(habits.stopsUpstreamOfLeavingStream, "stops the provider when the client of a stream leaves"),
    does(habits.stopsUpstreamOfLeavingWhole, "stops the provider when the client of a whole answer leaves"),
    does(habits.drains, "lets a stream end after SIGTERM"),
    does(
      habits.headersPassedOn.length > 0,
      `passes on headers of the client${habits.headersPassedOn.length === 0 ? "" : `: ${habits.headersPassedOn.join(", ")}`}`,
    ),
  ];
}
