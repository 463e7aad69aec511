/**
 * Findings and the verdict they fold into.
 *
 * An analyzer is a function from a run to findings. A finding without a judgement is information; a verdict is the worst
 * judgement, and a verdict over no judged finding is inconclusive: nothing measured is never a pass.
 */

export type Judgement = "pass" | "fail" | "inconclusive";

export interface Finding {
  /** Analyzer that made it: `objectives`, `latency`, `cost`, `generator`, ... */
  readonly analyzer: string;
  /** Stable id within the analyzer: `degradation.ttft.p95`. */
  readonly id: string;
  /** One line for people. */
  readonly title: string;
  /** Absent: information only. */
  readonly judgement?: Judgement;
  /** Measured value in `unit`; absent when the sample was empty. */
  readonly measured?: number;
  /** Confidence interval of `measured`, 95 % unless the title says otherwise. */
  readonly interval?: readonly [number, number];
  /** The limit it was judged against, with its comparison: `<= 10 %`. */
  readonly limit?: string;
  readonly unit?: Unit;
  /** Size of the sample behind it. */
  readonly samples?: number;
  /** Why it came out so, or what to do about it. */
  readonly detail?: string;
  /** 1-based line of the scenario that set the limit. */
  readonly line?: number;
}

/** `share` is a fraction shown in percent, `money` is nano-dollars. */
export type Unit = "ms" | "share" | "count" | "money" | "tokens";

/** Worst judgement wins: fail over inconclusive over pass; nothing judged is inconclusive. */
export function verdictOf(findings: readonly Finding[]): Judgement {
  const judged = findings.flatMap((finding) => (finding.judgement === undefined ? [] : [finding.judgement]));
  if (judged.length === 0) return "inconclusive";
  if (judged.includes("fail")) return "fail";
  return judged.includes("inconclusive") ? "inconclusive" : "pass";
}
