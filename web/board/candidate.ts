/**
 * A candidate, simulated as `squall simulate` does: the same reading, the same simulator, the same analyzers, the same report. What the
 * page's worker answers is, byte for byte, what the command line prints and writes.
 */
import { withAlertEvents } from "../../analyzers/alerts/run-alerts.ts";
import { analyze } from "../../analyzers/analyze.ts";
import { withCauses } from "../../analyzers/causes.ts";
import { type NamedFiles, scenarioInputFrom } from "../../behavior/scenario-input.ts";
import { type ScalingInput, scalingFrom } from "../../behavior/scaling/scaling-input.ts";
import { invalidInput, type Problem, SquallError } from "../../core/errors.ts";
import { type Finding, verdictOf } from "../../core/finding.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { Run } from "../../core/run.ts";
import { scenarioBytesMax } from "../../core/scenario/parse.ts";
import { formatMeasured } from "../../reports/format.ts";
import { headlines } from "../../reports/html/head-section.ts";
import { reportBody, renderReport } from "../../reports/html/page.ts";
import { html } from "../../reports/html/markup.ts";
import { outcomeJson } from "../../reports/outcome-json.ts";
import { strategyHeadings, strategyRow } from "../../reports/strategies/rows.ts";
import { playScenario } from "../../simulator/scenario-run.ts";

export interface Candidate {
  /** What messages call the scenario: its path as offered, or a name of its own. */
  readonly name: string;
  readonly scenarioText: string;
  /** In place of the config that the scenario names. */
  readonly scaling: { readonly file: string; readonly text: string } | undefined;
  /** In place of the scenario's own. */
  readonly seed: number | undefined;
}

export interface Simulated {
  readonly verdict: "pass" | "fail" | "inconclusive";
  /** What `squall simulate --json` prints. */
  readonly json: string;
  /** What `squall simulate --out` writes as report.html. */
  readonly report: string;
  /** The same without the page around it. */
  readonly body: string;
  /** For a table beside another candidate, by name. */
  readonly figures: readonly (readonly [name: string, value: string])[];
}

/** What is wrong with a candidate, for people. */
export interface Refused {
  readonly message: string;
  readonly problems: readonly Problem[];
  readonly hint: string | undefined;
}

/** Requests that a page holds in memory; a larger run is one for the command line. */
const recordsMax = 1_000_000;

/** Rejects with what is wrong with the candidate; `refusedOf` says it. */
export async function simulateCandidate(
  candidate: Candidate,
  files: NamedFiles,
  squallVersion: string,
  signal: AbortSignal,
): Promise<Simulated> {
  const { name, scenarioText, seed } = candidate;
  const input = await scenarioInputFrom(scenarioText, name, files, { seed }, signal);
  const { scenario, alerts } = input;
  const scaling = await scalingOf(candidate, scenario.platform.scaling, files);
  const records: RequestRecord[] = [];
  const played = playScenario(input, { timeScale: 1, scaling, explain: true }, squallVersion, (record) => {
    if (records.length >= recordsMax) throw tooLarge(scenario.name);
    records.push(record);
  });
  const run: Run = { ...played, records };
  const explained = withCauses(alerts === undefined ? run : withAlertEvents(run, scenario, alerts));
  const findings = analyze(explained, scenario);
  const outcome = { run: explained, findings };
  return {
    verdict: verdictOf(findings),
    json: JSON.stringify(outcomeJson(outcome)),
    report: await renderReport(outcome),
    body: html`${await reportBody(outcome)}`.text,
    figures: figuresOf(explained, findings),
  };
}

/** Everything that is wrong with the texts of a candidate, before anything is simulated; empty when nothing is. */
export async function problemsOf(
  candidate: Candidate,
  files: NamedFiles,
  signal: AbortSignal,
): Promise<Refused | undefined> {
  const { name, scenarioText, seed } = candidate;
  try {
    const { scenario } = await scenarioInputFrom(scenarioText, name, files, { seed }, signal);
    await scalingOf(candidate, scenario.platform.scaling, files);
    return undefined;
  } catch (cause) {
    return refusedOf(cause);
  }
}

/** What is told of an error. One that is ours is thrown on. */
export function refusedOf(cause: unknown): Refused {
  if (!(cause instanceof SquallError)) throw cause;
  return { message: cause.message, problems: cause.problems, hint: cause.hint };
}

async function scalingOf(
  { scaling }: Candidate,
  named: string | undefined,
  files: NamedFiles,
): Promise<ScalingInput | undefined> {
  if (scaling !== undefined) return scalingFrom(scaling.text, scaling.file);
  if (named === undefined) return undefined;
  return scalingFrom(await files.text(named, scenarioBytesMax), named.split("/").at(-1) ?? named);
}

function figuresOf(run: Run, findings: readonly Finding[]): Simulated["figures"] {
  const judged = findings.filter(({ judgement }) => judgement !== undefined);
  const { replicasMost, tooFew, refused, cost } = strategyRow(run);
  return [
    ...judged.map((finding) => [finding.title, formatMeasured(finding)] as const),
    ...headlines(run),
    [strategyHeadings.refused, refused],
    [strategyHeadings.replicasMost, replicasMost],
    [strategyHeadings.tooFew, tooFew],
    [strategyHeadings.cost, cost],
  ];
}

function tooLarge(scenario: string): SquallError {
  return invalidInput(`scenario "${scenario}" sends more than ${recordsMax} requests, which is too much for a page`, {
    code: "simulation-too-large",
    hint: "simulate a shorter time, or on the command line",
  });
}
