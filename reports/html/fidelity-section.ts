/** Live beside simulated, figure by figure, with the error of each and the project's targets. */
import type { FidelityRow } from "../../analyzers/fidelity.ts";
import { verdictOf } from "../../core/finding.ts";
import { formatShare, plural } from "../../core/units.ts";
import { formatError, formatValue } from "../format.ts";
import type { ReportInput } from "../report-input.ts";
import { html, type Markup, type Part } from "./markup.ts";
import { dataTable, judgementMarkup, tableColumns } from "./table.ts";

/** The table; nothing when no simulation stands beside the run. */
export function fidelitySection({ compared }: ReportInput): Markup | undefined {
  if (compared === undefined) return undefined;
  const { rows, paired, unpaired } = compared.fidelity;
  const both = `${plural(paired, "request")} answered in both runs`;
  const single = unpaired === 0 ? "every request is in both" : `${plural(unpaired, "request")} in one of them only`;
  return html`<section aria-label="Live beside simulated">
    <h2>Live beside simulated</h2>
    <p class="lead">
      The same scenario, seed and requests, played live and in virtual time. Error is (simulated - live) / live.
      ${both}; ${single}. Judged by itself, the simulation is: ${judgementMarkup(verdictOf(compared.findings))}
    </p>
    ${dataTable(tableColumns(["Figure", "Live", "Simulated", "Error", "Target", "Verdict"], ["Verdict"]), rows.map(fidelityCells))}
  </section>`;
}

function fidelityCells(row: FidelityRow): readonly Part[] {
  const value = (side: number | undefined): string => (side === undefined ? "–" : formatValue(side, row.unit));
  return [
    row.title,
    value(row.live),
    value(row.simulated),
    formatError(row),
    row.target === undefined ? "" : `± ${formatShare(row.target)}`,
    row.within === undefined ? undefined : judgementMarkup(row.within ? "pass" : "fail"),
  ];
}
