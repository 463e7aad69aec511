/** Plays a drill from its beginning, or from where it was killed, and leaves its folder: journal, result, review. */
import path from "node:path";
import { minuteMs, type Ms } from "../../core/time.ts";
import { type DrillResult, executeRunbook } from "../../runbooks/engine/execute.ts";
import type { JournalEntry } from "../../runbooks/engine/journal.ts";
import { type DrillMeasures, measureDrill } from "../../runbooks/engine/measures.ts";
import { issuesMarkdown } from "../../runbooks/engine/issues-markdown.ts";
import { reviewMarkdown } from "../../runbooks/engine/review-markdown.ts";
import { type Review, reviewOf } from "../../runbooks/engine/review.ts";
import type { SliSample } from "../../runbooks/engine/review-sections.ts";
import type { Allowed } from "../../runbooks/engine/commands.ts";
import { type DrillVerdict, judgeDrill, judgeTabletop } from "../../runbooks/engine/verdict.ts";
import type { Responder } from "../../runbooks/engine/responder.ts";
import type { World } from "../../runbooks/engine/world.ts";
import { renderDrillPage } from "../../reports/drill/page.ts";
import { writeOutputFile } from "../output-file.ts";
import { squallVersion } from "../version.ts";
import { drillFiles } from "./drill-folder.ts";
import type { DrillInput } from "./drill-input.ts";
import { type JournalFile, openJournalFile } from "./journal-file.ts";
import { rebuildWorld } from "./rebuild.ts";
import { sampledWorld } from "./sampled-world.ts";

export interface PlayOptions {
  readonly input: DrillInput;
  readonly world: World;
  readonly responder: Responder;
  readonly mode: "drill" | "tabletop";
  /** People take part, by the clock on the wall: it goes into the journal of a simulated drill too. */
  readonly hasPeople: boolean;
  readonly allowed: Allowed;
  readonly folder: string;
  /** Lines of the journal of a drill that was killed. */
  readonly earlier: readonly string[];
  /** The world is as it was before the drill was killed; a simulated one has to be put together again. */
  readonly isRebuilt: boolean;
  readonly onEntry: (entry: JournalEntry) => void;
  /** What users get, four times a minute. */
  readonly onSample?: (sample: SliSample) => void;
  readonly signal: AbortSignal;
}

export interface DrillOutcome {
  readonly result: DrillResult;
  /** Undefined at a tabletop: nothing was done that could be measured. */
  readonly measures: DrillMeasures | undefined;
  readonly verdict: DrillVerdict;
  readonly review: Review;
}

/** A drill begins when the load has run for a while, so that there is something to look at. */
const settledMs: Ms = minuteMs;

export async function playDrill(options: PlayOptions): Promise<DrillOutcome> {
  const { input, responder, mode, hasPeople, allowed, folder, earlier, onEntry, signal } = options;
  const { runbook } = input;
  const before = earlier.map((line): JournalEntry => JSON.parse(line));
  const { world, samples } = sampledWorld(options.world, samplesIn(before), options.onSample);
  if (options.isRebuilt) {
    await rebuildWorld(world, runbook, before, signal);
  } else if (earlier.length === 0) {
    await world.advanceTo(settledMs, signal);
  }
  const wallTime = hasPeople ? (): string => new Date().toISOString() : world.wallTime;
  const clocks = { nowMs: world.nowMs, wallTime };
  const file = await openJournalFile(path.join(folder, drillFiles.journal), clocks, earlier, onEntry);
  const { journal } = file;
  const result = await closing(file, () =>
    executeRunbook({ runbook, world, responder, journal, mode, allowed, signal }),
  );
  const entries = journal.entries();
  const { scenario } = input.input;
  const { objectives } = scenario;
  const measures = mode === "tabletop" ? undefined : measureDrill(entries, runbook, objectives);
  const verdict = measures === undefined ? judgeTabletop(result) : judgeDrill(result, measures, runbook.targets);
  const about = `${world.wallTime() === undefined ? "simulated" : "live"}, scenario ${scenario.name}, seed ${scenario.seed}`;
  const review = reviewOf({ runbook, about, entries, result, measures, verdict, objectives, samples: samples() });
  await writeReview(folder, review, { result, measures, verdict, entries }, runbook.id);
  await writeOutputFile(path.join(folder, drillFiles.issues), issuesMarkdown(runbook, about, review.issues));
  return { result, measures, verdict, review };
}

/** What users got before a crash, as far as the journal tells. */
function samplesIn(entries: readonly JournalEntry[]): readonly SliSample[] {
  return entries.flatMap(({ atMs, seen }) =>
    seen === undefined ? [] : [{ atMs, errors: seen.errors, ttftP95Ms: seen.ttftP95Ms }],
  );
}

async function closing<Result>(file: Pick<JournalFile, "close">, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } finally {
    await file.close();
  }
}

async function writeReview(
  folder: string,
  review: Review,
  { entries, ...outcome }: Omit<DrillOutcome, "review"> & { readonly entries: readonly JournalEntry[] },
  runbook: string,
): Promise<void> {
  const journal = { entries: entries.length, lastHash: entries.at(-1)?.hash };
  const result = { ...drillJson(outcome, runbook), journal };
  await writeOutputFile(path.join(folder, drillFiles.result), `${JSON.stringify(result, undefined, 2)}\n`);
  await writeOutputFile(path.join(folder, drillFiles.markdown), reviewMarkdown(review));
  await writeOutputFile(path.join(folder, drillFiles.page), await renderDrillPage(review, squallVersion()));
}

/** What programs read of a drill; of a tabletop, which measures nothing, without measures. */
export function drillJson({ result, measures, verdict }: Omit<DrillOutcome, "review">, runbook: string): object {
  const { verdict: word, reasons, targets } = verdict;
  return { runbook, verdict: word, reasons, ...result, targets, measures };
}
