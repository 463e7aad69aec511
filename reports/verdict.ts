/**
 * The verdict of a run in words: what everybody reads first, the same in terminal, Markdown and HTML.
 */
import { phaseSpan, recordsOf } from "../analyzers/phases.ts";
import { type Finding, type Judgement, verdictOf } from "../core/finding.ts";
import type { Run } from "../core/run.ts";
import { formatDuration } from "../core/time.ts";
import { plural } from "../core/units.ts";
import { formatMeasured } from "./format.ts";

export interface Verdict {
  readonly judgement: Judgement;
  /** One sentence that says why. */
  readonly why: string;
}

/** Folds the findings and says why they came out so. */
export function verdictInWords(findings: readonly Finding[]): Verdict {
  const judgement = verdictOf(findings);
  return { judgement, why: whySo(judgement, findings) };
}

/** What was judged, in reading order: what stands in the way of a verdict first, then the objectives. */
export function judgedOf(findings: readonly Finding[]): readonly Finding[] {
  return [...obstaclesOf(findings), ...objectivesOf(findings)];
}

/** The objectives of the scenario, judged. */
function objectivesOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((finding) => finding.analyzer === "objectives");
}

/** Judged findings that are no objective: a run that cannot be judged, counts that do not tie. */
function obstaclesOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((finding) => finding.judgement !== undefined && finding.analyzer !== "objectives");
}

/** What ran: `live through portkey 1.15.2 · 10 users · 250 requests in 1 m 2 s`. */
export function describeRun(run: Run): string {
  const { kind, gateway, timeScale } = run.manifest;
  const load = phaseSpan(run, "load");
  const requests = recordsOf(run, "load").length;
  const parts = [
    kind === "live" ? `live through ${gateway}` : `simulated, ${gateway}`,
    load?.users === undefined ? "" : plural(load.users, "user"),
    load === undefined
      ? plural(requests, "request")
      : `${plural(requests, "request")} in ${formatDuration(load.endMs - load.startMs)}`,
    timeScale === 1 ? "" : `time scale ${timeScale}`,
  ];
  return parts.filter((part) => part !== "").join(" · ");
}

function whySo(judgement: Judgement, findings: readonly Finding[]): string {
  const objectives = objectivesOf(findings);
  const obstacle = obstaclesOf(findings).find((finding) => finding.judgement === judgement);
  if (judgement === "inconclusive" && obstacle !== undefined)
    return sentence(`${obstacle.title}: ${obstacle.detail ?? ""}`);
  if (objectives.length === 0) return "The scenario sets no objective, so there is nothing to judge.";
  if (judgement === "pass")
    return objectives.length === 1 ? "The objective holds." : `All ${objectives.length} objectives hold.`;
  const decisive = objectives.filter((finding) => finding.judgement === judgement);
  if (decisive.length === 0)
    return sentence(obstacle === undefined ? "" : `${obstacle.title}: ${obstacle.detail ?? ""}`);
  const verb = judgement === "fail" ? (decisive.length === 1 ? "is missed" : "are missed") : "cannot be judged";
  const count = `${decisive.length} of ${plural(objectives.length, "objective")} ${verb}`;
  return sentence(`${count}: ${decisive.map((finding) => tell(finding, judgement)).join("; ")}`);
}

function tell(finding: Finding, judgement: Judgement): string {
  const name = lowerFirst(finding.title);
  if (judgement === "inconclusive" || finding.measured === undefined) {
    return finding.detail === undefined ? name : `${name} (${finding.detail})`;
  }
  return `${name} ${formatMeasured(finding)} (objective: ${finding.limit ?? ""})`;
}

/** `Time to first token` -> `time to first token`, but `TTFT` stays. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

function sentence(text: string): string {
  const trimmed = text.replace(/[:\s]+$/, "");
  return trimmed.endsWith(".") ? trimmed : `${trimmed}.`;
}
