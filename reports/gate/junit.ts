/**
 * A gate as JUnit XML: a test case for each objective and for each metric compared.
 *
 * The elements and attributes are those that the Jenkins schema (junit-10.xsd of its xUnit plugin), GitLab's reader and
 * GitHub's test reporters have in common. A missed objective is a failure. What could not be judged is an error: no reader may
 * take it for passed, nor for skipped. Test cases carry no `file` and `line`, which GitLab reads and Jenkins' schema forbids: the
 * place stands at the head of each text.
 */
import type { GateOutcome } from "../../analyzers/gate.ts";
import type { Finding } from "../../core/finding.ts";
import { formatInterval, formatMeasured } from "../format.ts";
import { comparisonRow } from "./words.ts";

interface TestCase {
  readonly name: string;
  readonly judgement: Finding["judgement"];
  readonly message: string;
  readonly text: string;
  readonly line: number | undefined;
}

/** Renders the document. `file` is the scenario as the reader's repository knows it. */
export function renderJunit(outcome: GateOutcome, file: string): string {
  const suites = [
    { name: "objectives", cases: [...outcome.obstacles, ...outcome.objectives].map(objectiveCase) },
    { name: "regression", cases: outcome.comparisons.map(regressionCase) },
  ].filter(({ cases }) => cases.length > 0);
  const seconds = outcome.candidate.reduce((sum, run) => sum + run.manifest.durationMs, 0) / 1_000;
  const all = suites.flatMap(({ cases }) => cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="squall gate" ${countsOf(all)} time="${seconds.toFixed(3)}">`,
    ...suites.flatMap(({ name, cases }) => [
      `  <testsuite name="${escapeXml(`${outcome.scenario}: ${name}`)}" ${countsOf(cases)} skipped="0" time="${seconds.toFixed(3)}">`,
      ...cases.flatMap((each) => caseLines(each, `${outcome.scenario}.${name}`, file)),
      "  </testsuite>",
    ]),
    "</testsuites>",
    "",
  ].join("\n");
}

function countsOf(cases: readonly TestCase[]): string {
  const failures = cases.filter(({ judgement }) => judgement === "fail").length;
  const errors = cases.filter(({ judgement }) => judgement !== "fail" && judgement !== "pass").length;
  return `tests="${cases.length}" failures="${failures}" errors="${errors}"`;
}

function caseLines(
  { name, judgement, message, text, line }: TestCase,
  classname: string,
  file: string,
): readonly string[] {
  const opening = `    <testcase name="${escapeXml(name)}" classname="${escapeXml(classname)}" time="0"`;
  if (judgement === "pass") return [`${opening}/>`];
  const element = judgement === "fail" ? "failure" : "error";
  const type = judgement === "fail" ? "objective-missed" : "inconclusive";
  const place = line === undefined ? file : `${file}:${line}`;
  return [
    `${opening}>`,
    `      <${element} type="${type}" message="${escapeXml(message)}">${escapeXml(`${place}\n${text}`)}</${element}>`,
    "    </testcase>",
  ];
}

function objectiveCase(finding: Finding): TestCase {
  const { id, title, judgement, limit, line, detail } = finding;
  const interval = formatInterval(finding);
  const measured = `${title}: ${formatMeasured(finding)}${limit === undefined ? "" : `, objective ${limit}`}`;
  return {
    name: limit === undefined ? id : `${id} ${limit}`,
    judgement,
    message: measured,
    text: [measured, interval === undefined ? "" : `interval: ${interval}`, detail ?? ""]
      .filter((part) => part !== "")
      .join("\n"),
    line,
  };
}

function regressionCase(comparison: GateOutcome["comparisons"][number]): TestCase {
  const { judgement, title, baseline, candidate, change, interval, tolerated, why } = comparisonRow(comparison);
  const message = `${title}: ${baseline} before, ${candidate} now, ${change}; tolerated is ${tolerated}`;
  const text = [message, interval === "" ? "" : `95 % interval: ${interval}`, why]
    .filter((part) => part !== "")
    .join("\n");
  return { name: `${comparison.metric} against the baseline`, judgement, message, text, line: undefined };
}

/** Text for an attribute or an element: markup escaped, characters that XML 1.0 forbids replaced (its section 2.2). */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]/gu, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\n", "&#10;");
}
