/** What alerts did, and what error budgets a run spent: findings as lines of text. */
import type { Finding } from "../core/finding.ts";
import { formatMeasured } from "./format.ts";

const analyzers: ReadonlySet<string> = new Set(["alerts", "slo"]);

/** `ErrorRateHigh fires 1 m 30 s into the load: ...`, in the order of the findings; empty where nothing was watched. */
export function alertLines(findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ analyzer }) => analyzers.has(analyzer))
    .map((finding) => {
      const { title, detail = "", unit } = finding;
      const measured = formatMeasured(finding);
      const told = unit === "ms" ? `${title} ${measured} into the load` : `${title}: ${measured}`;
      return detail === "" ? told : `${told}; ${detail}`;
    });
}
