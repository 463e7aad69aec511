/** The measured part of docs/fidelity.md, between two marks; what is around it was written by people and stays. */
import { type FidelityRow, fidelityTargets } from "../../analyzers/fidelity.ts";
import { isJudged } from "../../analyzers/fidelity-repeats.ts";
import { estimateSigned } from "../../analyzers/replications.ts";
import { formatWhole } from "../../core/units.ts";
import { formatChange, formatValue } from "../../reports/format.ts";
import { type Case, matrix, shapesInWords } from "./cases.ts";
import { causesOf } from "./causes.ts";
import { figure, type Result } from "./results.ts";

const begins = "<!-- measured: npm run fidelity -->";
const ends = "<!-- measured until here -->";

/** What is shown of each case: metrics with a target, by the names of the columns. */
const columns: readonly (readonly [heading: string, metric: string])[] = [
  ["First token, mean", "ttft.mean"],
  ["End to end, mean", "e2e.mean"],
  ["End to end, p99", "e2e.p99"],
  ["429s", "outcome.rate-limited"],
  ["Cost", "cost.total"],
];

/** The page with the measured part replaced, or added at its end. */
export function pageWith(page: string, measured: string): string {
  const [before = "", rest = ""] = page.split(begins);
  const [, after = ""] = rest.split(ends);
  const head = before.endsWith("\n\n") || before === "" ? before : `${before.trimEnd()}\n\n`;
  return `${head}${begins}\n\n${measured.trim()}\n\n${ends}${after === "" ? "\n" : after}`;
}

/** Tables of all cases that were played, then what missed its target and why. `machine`: in words. */
export function measuredPart(results: readonly Result[], machine: string): string {
  const played = matrix.filter(({ name }) => results.some((result) => result.name === name));
  const gateways = [...new Set(played.map(({ gateway }) => gateway))];
  const days = [...new Set(results.map(({ at }) => at.slice(0, 10)))].toSorted();
  const missing = matrix.length - played.length;
  return [
    `Measured ${days.length > 1 ? `from ${days[0]} to ${days.at(-1)}` : `on ${days[0] ?? ""}`} on ${machine}, by \`npm run fidelity\`: ` +
      `${played.length} of ${matrix.length} cases${missing === 0 ? "" : `, ${missing} not played`}, ${formatWhole(results.length)} runs.`,
    ...gateways.map((gateway) =>
      gatewayPart(
        gateway,
        played.filter((each) => each.gateway === gateway),
        results,
      ),
    ),
    missesPart(played, results),
  ].join("\n\n");
}

function gatewayPart(gateway: string, cases: readonly Case[], all: readonly Result[]): string {
  const version = all.find((result) => result.gateway.startsWith(gateway))?.gateway ?? gateway;
  return [
    `### ${version}`,
    "",
    `| Case | Load | Requests | ${columns.map(([heading]) => heading).join(" | ")} | Runs |`,
    `|---|---:|---:|${columns.map(() => "---:").join("|")}|---:|`,
    ...cases
      .toSorted((left, right) => order(left) - order(right))
      .map((each) =>
        caseLine(
          each,
          all.filter(({ name }) => name === each.name),
        ),
      ),
    `| target | | | ${columns.map(([, metric]) => `± ${(fidelityTargets[metric] ?? 0) * 100} %`).join(" | ")} | |`,
  ].join("\n");
}

/** Shape by shape, from little to much load. */
function order({ shape, load }: Case): number {
  return Object.keys(shapesInWords).indexOf(shape) + load;
}

function caseLine({ shape, load }: Case, results: readonly Result[]): string {
  const believed = results.filter(isJudged);
  const shown = believed.length === 0 ? results : believed;
  const requests = shown.reduce((sum, result) => sum + (figure(result, "requests")?.live ?? 0), 0);
  const cells = columns.map(([, metric]) => cell(metric, shown, believed.length > 0));
  const left = results.length - believed.length;
  const runs = left === 0 ? String(results.length) : `${results.length}, ${left} not judged`;
  return `| ${[shapesInWords[shape], `${Math.round(load * 100)} %`, formatWhole(requests), ...cells, runs].join(" | ")} |`;
}

/** The mean error over the runs, with half of its 95 % interval where there are several; bold where it misses. */
function cell(metric: string, results: readonly Result[], isJudged: boolean): string {
  const rows = results.flatMap((result) => figure(result, metric) ?? []);
  const errors = rows.flatMap(({ error }) => error ?? []);
  if (rows.length === 0 || errors.length < rows.length) {
    const [row] = rows;
    return row === undefined ? "–" : `**${row.live ?? "–"} / ${row.simulated ?? "–"}**`;
  }
  const over = estimateSigned(errors);
  if (over === undefined) return "–";
  const half = over.interval[1] - over.mean;
  const text = `${formatChange(over.mean)}${errors.length < 2 ? "" : ` ± ${(half * 100).toFixed(1)}`}`;
  const isMiss = isJudged && Math.abs(over.mean) > (fidelityTargets[metric] ?? Number.POSITIVE_INFINITY);
  return isMiss ? `**${text}**` : text;
}

/** Every case of which a run missed a target, or says nothing: by how much at worst, and what was measured that explains it. */
function missesPart(played: readonly Case[], results: readonly Result[]): string {
  const lines = played.flatMap(({ name }) => missLine(results.filter((result) => result.name === name)) ?? []);
  const heading = "### Where it misses, and why";
  if (lines.length === 0) return `${heading}\n\nNowhere: every run is within every target.`;
  return [heading, "", ...lines].join("\n");
}

/** Of the runs that are judged the one that is farthest off; where none is, of the others. */
function missLine(results: readonly Result[]): string | undefined {
  const believed = results.filter(isJudged);
  const [worst] = (believed.length === 0 ? results : believed).toSorted((left, right) => farOff(right) - farOff(left));
  if (worst === undefined || (farOff(worst) <= 1 && believed.length > 0)) return undefined;
  const missed = worst.rows.filter(({ within }) => within === false).map(missInWords);
  const causes = causesOf(worst);
  const why = causes.length === 0 ? "nothing that was measured explains it" : causes.join("; ");
  const what = missed.length === 0 ? "every target is met" : missed.join("; ");
  return `* **${worst.name}**${believed.length === 0 ? ", not judged" : ""}: ${what}. ${missed.length === 0 ? "But" : "Why"}: ${why}.`;
}

function missInWords({ title, error, live = 0, simulated = 0, unit, target = 0 }: FidelityRow): string {
  const apart = error === undefined ? "" : ` (${formatChange(error)}, allowed ${target * 100} %)`;
  return `${title} ${formatValue(live, unit)} live, ${formatValue(simulated, unit)} simulated${apart}`;
}

/** Largest error of a run, in targets. */
function farOff({ rows }: Result): number {
  return Math.max(
    0,
    ...rows.map(({ error, target, within }) =>
      target === undefined ? 0 : error === undefined ? (within === true ? 0 : 1e9) : Math.abs(error) / target,
    ),
  );
}
