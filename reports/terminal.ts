/**
 * The verdict in a terminal: what held and what did not, the latencies, live beside simulated, what it cost, where the report is.
 *
 * A string function: the caller says how wide the terminal is and whether it takes colour. Signs and words carry every judgement,
 * so that a pipe or a colour-blind reader loses nothing.
 */
import { type Cost, costOf } from "../analyzers/cost.ts";
import { summaryStatistics } from "../analyzers/percentile.ts";
import { phaseSpan } from "../analyzers/phases.ts";
import { type Finding, verdictOf } from "../core/finding.ts";
import { legible } from "../core/legible.ts";
import type { Run } from "../core/run.ts";
import { formatDuration } from "../core/time.ts";
import { alertLines } from "./alerts.ts";
import { causeLines } from "./causes.ts";
import { fidelityTable } from "./fidelity-lines.ts";
import { formatMeasured, judgementMarks } from "./format.ts";
import {
  capacityInWords,
  costInWords,
  failureRows,
  latencyRows,
  mainRows,
  scalingFindings,
  scalingInWords,
} from "./headlines.ts";
import type { ComparedRun, ReportInput } from "./report-input.ts";
import { judgedLines, verdictLines } from "./judged-lines.ts";
import { headings, type Palette, paletteOf, type TerminalStyle } from "./terminal-style.ts";
import { textTable, wrap } from "./text-table.ts";
import { describeRun, judgedOf, verdictInWords } from "./verdict.ts";

export interface TerminalInput extends ReportInput {
  /** Where the page of this run is, as the user would type it; absent when none was written. */
  readonly reportPath?: string;
}

/** Everything a command prints about a run, without a line break at the end. */
export function renderRun(input: TerminalInput, style: TerminalStyle): string {
  const width = Math.max(60, style.width) - 2;
  const palette = paletteOf(style.colour);
  const { run, findings, compared, reportPath } = input;
  const blocks = [
    titleLines(run, palette, width),
    verdictLines(verdictInWords(findings), palette, width),
    judgedLines(judgedOf(findings), palette, width),
    latencyLines(run, palette, width),
    failureLines(run, palette, width),
    causeBlock(findings, width),
    alertBlock(findings, palette, width),
    scalingLines(input, palette, width),
    compared === undefined ? [] : fidelityLines(compared, palette, width),
    accountLines(input, palette, width),
    reportPath === undefined ? [] : [`${palette.strong("Report")}  ${legible(reportPath)}`],
  ];
  const lines = blocks.filter((block) => block.length > 0).flatMap((block) => ["", ...block]);
  return [...lines.map((line) => (line === "" ? "" : `  ${line}`)), ""].join("\n");
}

function titleLines(run: Run, palette: Palette, width: number): readonly string[] {
  const [name = "", ...rest] = wrap(legible(run.manifest.scenario), width);
  const about = wrap(legible(describeRun(run)), width).map(palette.faint);
  return [palette.strong(name), ...rest.map(palette.strong), ...about];
}

function latencyLines(run: Run, palette: Palette, width: number): readonly string[] {
  const rows = latencyRows(run).map(({ name, values }) => [name, ...values].map((text) => ({ text })));
  if (rows.length === 0) return [];
  return textTable(
    [{ align: "left", shrinks: true }, ...summaryStatistics.map(() => ({ align: "right" }) as const)],
    [headings(["Latency", ...summaryStatistics], palette), ...rows],
    width,
  );
}

function failureLines(run: Run, palette: Palette, width: number): readonly string[] {
  const rows = failureRows(run, 5).map(({ what, requests, share }) =>
    [what, requests, share].map((text) => ({ text })),
  );
  if (rows.length === 0) return [];
  return textTable(
    [{ align: "left", shrinks: true }, { align: "right" }, { align: "right" }],
    [headings(["Failure", "Requests", "Share"], palette), ...rows],
    width,
  );
}

function fidelityLines({ fidelity, findings }: ComparedRun, palette: Palette, width: number): readonly string[] {
  const judgement = verdictOf(findings);
  const { sign, word } = judgementMarks[judgement];
  return [
    ...fidelityTable("Live beside simulated", mainRows(fidelity), palette, width),
    `   Judged by itself, the simulation is: ${palette.judgement[judgement](`${sign} ${word}`)}`,
  ];
}

function causeBlock(findings: readonly Finding[], width: number): readonly string[] {
  return causeLines(findings).flatMap((line) => wrap(legible(line), width));
}

function alertBlock(findings: readonly Finding[], palette: Palette, width: number): readonly string[] {
  return alertLines(findings).flatMap((line, index) =>
    wrap(legible(line), width - 8).map((text, row) =>
      index === 0 && row === 0 ? `${palette.strong("Alerts")}  ${text}` : `        ${text}`,
    ),
  );
}

/** Money, tokens against their limits, and models without a price. */
function accountLines({ run, findings }: ReportInput, palette: Palette, width: number): readonly string[] {
  const cost = costOf(run);
  const money = cost === undefined || cost.requests === 0 ? [] : costLines(cost, run.manifest.prices, palette, width);
  const capacity = capacityInWords(run);
  const quota = findings
    .filter((finding) => finding.id.startsWith("quota.tokens."))
    .map((finding) => `${finding.title}: ${formatMeasured(finding)}, ${finding.detail ?? ""}`);
  const unpriced = findings
    .filter((finding) => finding.id.startsWith("cost.unpriced."))
    .map((finding) => `${finding.title}: ${finding.detail ?? ""}`);
  const others = [...(capacity === "" ? [] : [capacity]), ...quota, ...unpriced];
  return [...money, ...others.flatMap((text) => wrap(legible(text), width))];
}

/** Most scale events that are told one by one. */
const scaleEventsMost = 8;

/** What scaled the gateway, what it did, and what it measured; warnings about the config. */
function scalingLines({ run, findings }: ReportInput, palette: Palette, width: number): readonly string[] {
  const summary = scalingInWords(run);
  if (summary === "") return [];
  const load = phaseSpan(run, "load");
  const scaled = run.events.filter(({ kind }) => kind === "scale");
  const told = scaled.slice(0, scaleEventsMost).flatMap(({ atMs, text }) => {
    const clock = formatDuration(Math.max(0, atMs - (load?.startMs ?? 0)));
    const [first = "", ...others] = wrap(legible(text), width - 13);
    return [`  ${palette.faint(clock.padStart(9))}  ${first}`, ...others.map((line) => `${" ".repeat(13)}${line}`)];
  });
  const left = scaled.length - scaleEventsMost;
  const figures = scalingFindings(findings)
    .filter(({ id }) => scalingFigures.has(id))
    .map(
      (finding) =>
        `${finding.title}: ${formatMeasured(finding)}${finding.detail === undefined ? "" : `, ${finding.detail}`}`,
    );
  const warnings = (run.manifest.scaling?.warnings ?? []).map(({ message }) => `Warning: ${message}`);
  return [
    ...wrap(legible(summary), width - 9).map((line, index) =>
      index === 0 ? `${palette.strong("Scaling")}  ${line}` : `         ${line}`,
    ),
    ...told,
    ...(left > 0 ? [palette.faint(`  ${" ".repeat(9)}  and ${left} more`)] : []),
    ...[...figures, ...warnings].flatMap((text) => wrap(legible(text), width)),
  ];
}

/** The others are on the page. */
const scalingFigures: ReadonlySet<string> = new Set([
  "scaling.reversals",
  "scaling.under",
  "scaling.over",
  "cost.replicas",
]);

function costLines(cost: Cost, prices: string, palette: Palette, width: number): readonly string[] {
  const [first = "", ...others] = wrap(legible([...costInWords(cost), `prices: ${prices}`].join(" · ")), width - 6);
  return [`${palette.strong("Cost")}  ${first}`, ...others.map((line) => `      ${line}`)];
}
