/** One scenario played live several times: for people in a terminal, and as one document for programs. */
import type { FidelityOverRepeats } from "../analyzers/fidelity-repeats.ts";
import { whyUntrusted } from "../analyzers/generator.ts";
import { recordsOf } from "../analyzers/phases.ts";
import { isOk } from "../core/record.ts";
import { type Judgement, verdictOf } from "../core/finding.ts";
import { legible } from "../core/legible.ts";
import { formatWhole, plural } from "../core/units.ts";
import { fidelityTable } from "./fidelity-lines.ts";
import { judgementMarks } from "./format.ts";
import { mainRows } from "./headlines.ts";
import { verdictLines } from "./judged-lines.ts";
import { outcomeJson } from "./outcome-json.ts";
import type { ReportInput } from "./report-input.ts";
import { headings, type Palette, paletteOf, type TerminalStyle } from "./terminal-style.ts";
import { type Cell, textTable, wrap } from "./text-table.ts";
import { describeRun, type Verdict, verdictInWords } from "./verdict.ts";

export interface RepeatsInput {
  /** At least one; in the order in which they were played. */
  readonly repeats: readonly ReportInput[];
  /** Absent where nothing was simulated beside them. */
  readonly fidelity: FidelityOverRepeats | undefined;
  /** Where the folders of the runs are, as the user would type it; absent when none was written. */
  readonly folder?: string;
}

/** The worst verdict of a run: fail over inconclusive over pass. */
export function worstVerdict(repeats: readonly ReportInput[]): Judgement {
  const verdicts = repeats.map(({ findings }) => verdictOf(findings));
  return (["fail", "inconclusive"] as const).find((each) => verdicts.includes(each)) ?? "pass";
}

/** One document: the worst verdict, live beside simulated over all runs, and each of them as `squall run --json` prints it. */
export function repeatsJson({ repeats, fidelity }: RepeatsInput): object {
  return {
    verdict: worstVerdict(repeats),
    ...(fidelity === undefined ? {} : { fidelity }),
    repeats: repeats.map(outcomeJson),
  };
}

/** Everything `squall run --repeat` prints, without a line break at the end. */
export function renderRepeats(input: RepeatsInput, style: TerminalStyle): string {
  const width = Math.max(60, style.width) - 2;
  const palette = paletteOf(style.colour);
  const { repeats, fidelity, folder } = input;
  const blocks = [
    titleLines(repeats, palette, width),
    verdictLines(worstInWords(repeats), palette, width),
    runLines(repeats, palette, width),
    fidelity === undefined ? [] : fidelityLines(fidelity, palette, width),
    folder === undefined
      ? []
      : [
          `${palette.strong("Runs")}  ${legible(`${folder}/1${repeats.length === 1 ? "" : ` .. ${folder}/${repeats.length}`}`)}`,
        ],
  ];
  const lines = blocks.filter((block) => block.length > 0).flatMap((block) => ["", ...block]);
  return [...lines.map((line) => (line === "" ? "" : `  ${line}`)), ""].join("\n");
}

function titleLines(repeats: readonly ReportInput[], palette: Palette, width: number): readonly string[] {
  const [first] = repeats;
  if (first === undefined) return [];
  const seeds = repeats.length === 1 ? "" : ", each with another seed";
  const about = `${plural(repeats.length, "run")}${seeds} · ${describeRun(first.run)}`;
  return [palette.strong(legible(first.run.manifest.scenario)), ...wrap(legible(about), width).map(palette.faint)];
}

/** The verdict of the first run that has the worst one, and why it has. */
function worstInWords(repeats: readonly ReportInput[]): Verdict {
  const judgement = worstVerdict(repeats);
  const place = repeats.findIndex(({ findings }) => verdictOf(findings) === judgement);
  const { why } = verdictInWords(repeats[place]?.findings ?? []);
  return { judgement, why: judgement === "pass" ? why : `Run ${place + 1}: ${why}` };
}

function runLines(repeats: readonly ReportInput[], palette: Palette, width: number): readonly string[] {
  const rows = repeats.map(({ run, findings }, index): readonly Cell[] => {
    const judgement = verdictOf(findings);
    const records = recordsOf(run, "load");
    return [
      { text: judgementMarks[judgement].sign, paint: palette.judgement[judgement] },
      { text: String(index + 1) },
      { text: String(run.manifest.seed) },
      { text: formatWhole(records.length) },
      { text: formatWhole(records.filter((record) => !isOk(record)).length) },
      { text: judgementMarks[judgement].word, paint: palette.judgement[judgement] },
      { text: whyUntrusted(run) ?? "", paint: palette.faint },
    ];
  });
  return textTable(
    [
      { align: "left" },
      { align: "right" },
      { align: "right" },
      { align: "right" },
      { align: "right" },
      { align: "left" },
      { align: "left", shrinks: true },
    ],
    [headings(["", "Run", "Seed", "Requests", "Not ok", "", ""], palette), ...rows],
    width,
  );
}

function fidelityLines(fidelity: FidelityOverRepeats, palette: Palette, width: number): readonly string[] {
  const { repeats, judged } = fidelity;
  const left = repeats - judged;
  const told =
    left === 0
      ? ""
      : `${judged === 0 ? "Not judged" : `${plural(left, "run")} left out`}: the load generator was late, or other programs used the machine.`;
  return [
    ...fidelityTable("Live beside simulated, mean", mainRows(fidelity), palette, width),
    ...(told === "" ? [] : wrap(told, width - 3).map((line) => `   ${palette.faint(line)}`)),
  ];
}
