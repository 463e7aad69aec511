/**
 * Twelve changes to a gateway, six harmful and six harmless, each judged live by the same code as `squall gate --live`:
 * `npm run bench -- gate-demonstration`, about eleven minutes. Ends with 1 unless all six are caught and all six pass.
 *
 * All thirteen versions (the base, and the base with one change) are run side by side, round by round, forwards and backwards in
 * turn; the base is run once a round, and its runs serve all comparisons. Each comparison is the one that `squall gate` would make of
 * these runs: sharing a baseline makes the twelve verdicts depend on each other's luck, but none of them less sure.
 *
 * `DEMONSTRATION=slow-start,extra-header` plays only these changes, and `REPEAT=2` fewer rounds, to try something out; what is there to
 * be shown in docs/gate-demonstration.md is written only when everything was played.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import path from "node:path";
import { type GateOutcome, judgeGate } from "../analyzers/gate.ts";
import type { CommandContext } from "../cli/context.ts";
import { playRounds } from "../cli/gate-runs.ts";
import { gateSide } from "../cli/gate-sides.ts";
import { catchInterrupts } from "../cli/interrupt.ts";
import type { Progress } from "../cli/progress.ts";
import { processTerminal } from "../cli/terminal.ts";
import { topFacts } from "../reports/gate/words.ts";
import { baseFile, type Change, readChanges } from "./gate-changes.ts";

/** Runs a side: the fewest that decide. */
const repeatDefault = 5;
const page = path.resolve(import.meta.dirname, "../docs/gate-demonstration.md");

const quiet: Progress = {
  step: () => undefined,
  detail: () => undefined,
  note: (text) => console.error(`  ${text}`),
  done: () => undefined,
  fail: () => undefined,
};

interface Judged {
  readonly change: Change;
  readonly outcome: GateOutcome;
  /** Wall time that its runs took, of all rounds. */
  readonly seconds: number;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const wanted = process.env["DEMONSTRATION"]?.split(",");
  const repeat = Number(process.env["REPEAT"] ?? repeatDefault);
  const changes = readChanges().filter(({ name }) => wanted === undefined || wanted.includes(name));
  const terminal = processTerminal();
  const interrupts = catchInterrupts(terminal);
  const context: CommandContext = { terminal, interrupts, exit: () => undefined };
  try {
    const beganMs = performance.now();
    const judged = await judge(changes, repeat, context);
    const minutes = (performance.now() - beganMs) / 60_000;
    const right = judged.filter(({ change, outcome }) => isRight(change, outcome)).length;
    const table = tableOf(judged);
    console.log(`${table}\n\n${right} of ${judged.length} as they should be, in ${minutes.toFixed(1)} minutes`);
    if (wanted === undefined && repeat >= repeatDefault) writeTable(table, minutes);
    return right === judged.length ? 0 : 1;
  } finally {
    interrupts.release();
  }
}

async function judge(changes: readonly Change[], repeat: number, context: CommandContext): Promise<readonly Judged[]> {
  const names = ["base", ...changes.map(({ name }) => name)];
  const seconds = names.map(() => 0);
  const choices = { live: true, timeScale: 1 } as const;
  const versions = [{ file: baseFile, set: [] }, ...changes];
  const sides = await Promise.all(
    versions.map(async ({ file, set }, index) => {
      const side = await gateSide(file, { ...choices, set }, context, quiet);
      const play = async (): ReturnType<typeof side.play> => {
        const beganMs = performance.now();
        console.error(`  ${names[index]} (load average ${(loadavg()[0] ?? 0).toFixed(1)})`);
        try {
          return await side.play();
        } finally {
          seconds[index] = (seconds[index] ?? 0) + (performance.now() - beganMs) / 1_000;
        }
      };
      return { ...side, play };
    }),
  );
  const [baseline = [], ...candidates] = await playRounds(
    sides.map(({ play }) => play),
    repeat,
    (side, round, why) => console.error(`  round ${round + 1}, ${names[side]}, again: ${why}`),
  );
  return changes.flatMap((change, index) => {
    const side = sides[index + 1];
    const runs = candidates[index] ?? [];
    if (side === undefined || runs.length === 0) return [];
    return [{ change, outcome: judgeGate(side.scenario, runs, baseline), seconds: seconds[index + 1] ?? 0 }];
  });
}

/** Harmful changes fail; harmless ones pass, and being unsure is no pass. */
function isRight({ isHarmful }: Change, { verdict }: GateOutcome): boolean {
  return verdict === (isHarmful ? "fail" : "pass");
}

function tableOf(judged: readonly Judged[]): string {
  const rows = judged.map(({ change, outcome, seconds }) => {
    const fact = outcome.verdict === "pass" ? "" : (topFacts(outcome)[0] ?? "");
    const runs = `${outcome.candidate.length} and ${outcome.baseline.length}`;
    const mark = isRight(change, outcome) ? outcome.verdict : `**${outcome.verdict}**`;
    const kind = change.isHarmful ? "harmful" : "harmless";
    return [change.name, change.about, kind, mark, fact, runs, seconds.toFixed(0)].join(" | ");
  });
  return [
    "| Change | What it is | | Verdict | Most informative fact | Runs, and of the base | Seconds |",
    "| --- | --- | --- | --- | --- | --- | ---: |",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

/** Puts the table between the marks of the page. */
function writeTable(table: string, minutes: number): void {
  const [first] = cpus();
  const machine = `${cpus().length} x ${first?.model.trim() ?? "unknown CPU"}, Node ${process.version}`;
  const load = `load average ${loadavg()
    .map((one) => one.toFixed(1))
    .join(", ")} at its end`;
  const head = `Played on ${new Date().toISOString().slice(0, 10)} in ${minutes.toFixed(1)} minutes, ${machine}, ${load}.`;
  const [before = "", after = ""] = readFileSync(page, "utf8").split(/<!-- table -->[^]*<!-- end of table -->/);
  writeFileSync(page, `${before}<!-- table -->\n\n${head}\n\n${table}\n\n<!-- end of table -->${after}`);
}
