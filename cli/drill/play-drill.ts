/** Plays a drill from its beginning, or from where it was killed, and leaves its folder: journal, result, review. */
import path from "node:path";
import { minuteMs, type Ms } from "../../core/time.ts";
import { type DrillResult, executeRunbook } from "../../runbooks/engine/execute.ts";
import type { JournalEntry } from "../../runbooks/engine/journal.ts";
import { type DrillMeasures, measureDrill } from "../../runbooks/engine/measures.ts";
import { issuesMarkdown } from "../../runbooks/engine/issues-markdown.ts";
import { reviewMarkdown } from "../../runbooks/engine/review-markdown.ts";
import { type Review, reviewOf, type SliSample } from "../../runbooks/engine/review.ts";
import type { Allowed } from "../../runbooks/engine/commands.ts";
import type { Targets } from "../../runbooks/engine/runbook.ts";
import { type DrillVerdict, judgeDrill } from "../../runbooks/engine/verdict.ts";
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
  readonly measures: DrillMeasures;
  readonly verdict: DrillVerdict;
  readonly review: Review;
}

/** A drill begins when the load has run for a while, so that there is something to look at. */
const settledMs: Ms = minuteMs;

/** At a tabletop nothing is done, so nothing of it can be measured. */
const noTargets: Targets = {
  detectMs: undefined,
  acknowledgeMs: undefined,
  containMs: undefined,
  resolveMs: undefined,
};

export async function playDrill(options: PlayOptions): Promise<DrillOutcome> {
  const { input, responder, mode, allowed, folder, earlier, onEntry, signal } = options;
  const { runbook } = input;
  const { world, samples } = sampledWorld(options.world, options.onSample);
  if (options.isRebuilt) {
    const entries = earlier.map((line): JournalEntry => JSON.parse(line));
    await rebuildWorld(world, runbook, entries, signal);
  } else if (earlier.length === 0) {
    await world.advanceTo(settledMs, signal);
  }
  const file = await openJournalFile(path.join(folder, drillFiles.journal), world, earlier, onEntry);
  const { journal } = file;
  const result = await closing(file, () =>
    executeRunbook({ runbook, world, responder, journal, mode, allowed, signal }),
  );
  const entries = journal.entries();
  const measures = measureDrill(entries, runbook, input.input.scenario.objectives);
  const verdict = judgeDrill(result, measures, mode === "tabletop" ? noTargets : runbook.targets);
  const { scenario } = input.input;
  const about = `${mode === "tabletop" ? "tabletop, " : ""}${world.wallTime() === undefined ? "simulated" : "live"}, scenario ${scenario.name}, seed ${scenario.seed}`;
  const { objectives } = scenario;
  const review = reviewOf({ runbook, about, entries, result, measures, verdict, objectives, samples: samples() });
  await writeReview(folder, review, { result, measures, verdict }, runbook.id);
  await writeOutputFile(path.join(folder, drillFiles.issues), issuesMarkdown(runbook, about, review.issues));
  return { result, measures, verdict, review };
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
  outcome: Omit<DrillOutcome, "review">,
  runbook: string,
): Promise<void> {
  await writeOutputFile(
    path.join(folder, drillFiles.result),
    `${JSON.stringify(drillJson(outcome, runbook), undefined, 2)}\n`,
  );
  await writeOutputFile(path.join(folder, drillFiles.markdown), reviewMarkdown(review));
  await writeOutputFile(path.join(folder, drillFiles.page), await renderDrillPage(review, squallVersion()));
}

/** What programs read of a drill. */
export function drillJson({ result, measures, verdict }: Omit<DrillOutcome, "review">, runbook: string): object {
  const { verdict: word, reasons, targets } = verdict;
  return { runbook, verdict: word, reasons, ...result, targets, measures };
}
