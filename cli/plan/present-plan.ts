/** Ends a command that made a plan: writes its folder, prints it, and answers the exit code. */
import path from "node:path";
import { type ExitCode, exitCodes } from "../../core/errors.ts";
import { renderPlan } from "../../reports/plan/terminal.ts";
import { type PlanReport, planVerdict } from "../../reports/plan/words.ts";
import type { CommandContext } from "../context.ts";
import { planFiles, writePlanFolder } from "./plan-folder.ts";

/** 0 when some candidate holds, 4 when none does, 6 when nobody can say, 130 when it was interrupted. */
export async function presentPlan(
  { terminal }: Pick<CommandContext, "terminal">,
  { json, out }: { readonly json?: boolean; readonly out?: string },
  report: PlanReport,
): Promise<ExitCode> {
  const { plan, assessment } = report;
  const { width, colour } = terminal;
  if (out !== undefined) await writePlanFolder(path.resolve(terminal.cwd, out), plan);
  if (json === true) terminal.out(JSON.stringify({ verdict: planVerdict(report).judgement, assessment, plan }));
  else
    terminal.out(renderPlan(report, { width, colour }, out === undefined ? undefined : path.join(out, planFiles.page)));
  if (plan.status === "interrupted") return exitCodes.interrupted;
  const codes = { pass: exitCodes.pass, fail: exitCodes.objectiveMissed, inconclusive: exitCodes.inconclusive };
  return codes[planVerdict(report).judgement];
}
