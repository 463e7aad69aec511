/**
 * The report: one self-contained HTML page, verdict first. No script, no font and no request; it opens from a disk, from an
 * e-mail and from a build server alike, and it prints on A4.
 *
 * Same input, same bytes: nothing here reads a clock, measures a font or draws a random number.
 */
import type { ReportInput } from "../report-input.ts";
import { alertsSection } from "./alerts-section.ts";
import { causesSection } from "./causes-section.ts";
import { costSection } from "./cost-section.ts";
import { eventsSection } from "./events.ts";
import { fidelitySection } from "./fidelity-section.ts";
import { headSection, objectivesSection } from "./head-section.ts";
import { distributionSection, latencySection } from "./latency-section.ts";
import { outcomesSection, providersSection } from "./load-section.ts";
import { html, type Markup, type Part, trustedMarkup } from "./markup.ts";
import { scalingSection } from "./scaling-section.ts";
import { smallPrint } from "./small-print.ts";
import { styleSheet } from "./style.ts";

/** A part of the page; nothing when it has nothing to say about this run. */
type Section = (input: ReportInput) => Markup | undefined | Promise<Markup | undefined>;

const sections: readonly Section[] = [
  headSection,
  objectivesSection,
  scalingSection,
  latencySection,
  distributionSection,
  providersSection,
  outcomesSection,
  causesSection,
  alertsSection,
  eventsSection,
  costSection,
  fidelitySection,
  smallPrint,
];

/** Nothing may be loaded or run, whatever a scenario's text says. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** Renders the page. */
export async function renderReport(input: ReportInput): Promise<string> {
  const { scenario, squallVersion } = input.run.manifest;
  return pageOf(`${scenario} - Squall report`, squallVersion, await reportBody(input));
}

/** All that stands on the page, for pages that have more than one. */
export async function reportBody(input: ReportInput): Promise<readonly Part[]> {
  const body: Part[] = [];
  for (const section of sections) body.push(await section(input), "\n");
  return body;
}

/** A whole page around its sections. */
export function pageOf(title: string, squallVersion: string, body: readonly Part[]): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="Squall ${squallVersion}" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        <style>
          ${trustedMarkup(styleSheet)}
        </style>
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html> `;
  return page.text;
}
