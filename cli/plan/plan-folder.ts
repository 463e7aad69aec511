/** The folder of a plan: plan.json (all that was found out), plan.html and plan.md. Each is written whole or not at all. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { assess, type Plan, planFormatVersion } from "../../analyzers/plan.ts";
import { invalidInput } from "../../core/errors.ts";
import { field, isMapping } from "../../core/raw-data.ts";
import { renderPlanMarkdown } from "../../reports/plan/markdown.ts";
import { renderPlanPage } from "../../reports/plan/page.ts";
import { unreadable } from "../input-file.ts";
import { writeOutputFile } from "../output-file.ts";

/** Names of its files. */
export const planFiles = { plan: "plan.json", page: "plan.html", markdown: "plan.md" } as const;

export async function writePlanFolder(folder: string, plan: Plan): Promise<void> {
  const report = { plan, assessment: assess(plan) };
  await writeOutputFile(path.join(folder, planFiles.plan), `${JSON.stringify(plan)}\n`);
  await writeOutputFile(path.join(folder, planFiles.markdown), renderPlanMarkdown(report));
  await writeOutputFile(path.join(folder, planFiles.page), await renderPlanPage(report));
}

/** Reads what `writePlanFolder` wrote. Throws `file-unreadable` or `plan-malformed`. */
export async function readPlanFolder(folder: string): Promise<Plan> {
  const file = path.join(folder, planFiles.plan);
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  const data = parsed(text);
  const [major] = planFormatVersion.split(".");
  if (
    !isMapping(data) ||
    String(field(data, "formatVersion")).split(".")[0] !== major ||
    !Array.isArray(field(data, "candidates"))
  ) {
    throw invalidInput(`${file} is not a plan that this Squall reads (format ${planFormatVersion})`, {
      code: "plan-malformed",
      hint: "plans are written by squall plan --out DIR",
    });
  }
  return data as unknown as Plan; // its own writer's format, of this major version
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
