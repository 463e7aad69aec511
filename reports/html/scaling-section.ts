/** What scaled the gateway, how its replicas followed the load, and what there is to say about the config itself. */
import { flappingOf } from "../../analyzers/flapping.ts";
import type { Finding } from "../../core/finding.ts";
import type { ScalingAccount } from "../../core/run.ts";
import { formatMeasured } from "../format.ts";
import { scalingFindings, scalingInWords } from "../headlines.ts";
import type { ReportInput } from "../report-input.ts";
import { renderCharts } from "./chart.ts";
import { html, type Markup } from "./markup.ts";
import { replicasOverTime } from "./replicas-chart.ts";
import { dataTable, detailMarkup, tableColumns } from "./table.ts";

/** Nothing where the replicas were there from the start, stayed, and cost nothing. */
export async function scalingSection({ run, findings }: ReportInput): Promise<Markup | undefined> {
  const flapping = flappingOf(run);
  if (flapping === undefined) return undefined;
  const { scaling } = run.manifest;
  return html`<section aria-label="Scaling">
    <h2>Scaling</h2>
    <p class="lead">${scalingInWords(run)}</p>
    ${await renderCharts([replicasOverTime(run, flapping.underShare)])}
    ${dataTable(tableColumns(["Replicas", "Measured"]), scalingFindings(findings).map(row))}
    ${scaling === undefined ? undefined : remarks(scaling)}
  </section>`;
}

function row(finding: Finding): readonly [Markup, string] {
  return [html`${finding.title}${detailMarkup(finding.detail)}`, formatMeasured(finding)];
}

/** Warnings first: they are about the user's choices. Notes are about how we read the file. */
function remarks({ file, warnings, notes }: ScalingAccount): Markup | undefined {
  if (warnings.length + notes.length === 0) return undefined;
  return html`<h3>About ${file}</h3>
    <ul class="remarks">
      ${warnings.map(
        ({ message }) =>
          html`<li>
            <span class="judgement inconclusive"><span aria-hidden="true">!</span> warning</span> ${message}
          </li>`,
      )}
      ${notes.map((note) => html`<li class="faint">${note}</li>`)}
    </ul>`;
}
