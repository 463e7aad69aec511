/** Why requests failed or were slow, what caps refused, and what the gateway would not do live: findings as lines of text. */
import type { Finding } from "../core/finding.ts";
import { formatMeasured } from "./format.ts";

const analyzers: ReadonlySet<string> = new Set(["causes", "caps"]);

/** In the order of the findings; empty where there is nothing to tell. */
export function causeLines(findings: readonly Finding[]): readonly string[] {
  return findings
    .filter(({ analyzer }) => analyzers.has(analyzer))
    .map((finding) => {
      const measured = finding.measured === undefined ? [] : [formatMeasured(finding)];
      const told = [...measured, ...(finding.detail === undefined ? [] : [finding.detail])].join("; ");
      return told === "" ? finding.title : `${finding.title}: ${told}`;
    });
}
