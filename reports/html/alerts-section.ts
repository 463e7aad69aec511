/** Which alerts fired and how long before or after users were served badly; error budgets spent. */
import { alertLines } from "../alerts.ts";
import type { ReportInput } from "../report-input.ts";
import { html, type Markup } from "./markup.ts";

/** Nothing where no alert was watched and there is no service level. The charts carry the alerts among their events. */
export function alertsSection({ findings }: ReportInput): Markup | undefined {
  const lines = alertLines(findings);
  if (lines.length === 0) return undefined;
  return html`<section aria-label="Alerts">
    <h2>Alerts and error budgets</h2>
    <ul class="remarks">
      ${lines.map((line) => html`<li>${line}.</li>`)}
    </ul>
  </section>`;
}
