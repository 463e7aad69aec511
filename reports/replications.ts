/** What several replications say, in a terminal: each figure with the interval in which its true mean lies. */
import pico from "picocolors";
import type { Finding } from "../core/finding.ts";
import { formatInterval, formatMeasured } from "./format.ts";
import type { TerminalStyle } from "./terminal-style.ts";
import { textTable } from "./text-table.ts";

/** Every figure that was estimated, objectives first; without a line break at the end. */
export function renderReplications(findings: readonly Finding[], style: TerminalStyle): string {
  const width = Math.max(60, style.width) - 2;
  const paint = pico.createColors(style.colour);
  const estimated = findings.filter(({ interval }) => interval !== undefined).map(wholeMoney);
  const about = findings.find(({ analyzer }) => analyzer === "replications");
  const lines = [
    paint.bold(`Over ${about?.measured ?? 0} replications`),
    ...(about?.detail === undefined ? [] : [paint.dim(about.detail)]),
    ...textTable(
      [{ align: "left", shrinks: true }, { align: "right" }, { align: "right" }],
      [
        ["Figure", "Mean", "95 % interval"].map((text) => ({ text, paint: paint.dim })),
        ...estimated.map((finding) => [
          { text: finding.title },
          { text: formatMeasured(finding) },
          { text: formatInterval(finding) ?? "", paint: paint.dim },
        ]),
      ],
      width,
    ),
  ];
  return [...lines.map((line) => `  ${line}`), ""].join("\n");
}

/** Money is written from whole nano-dollars. */
function wholeMoney(finding: Finding): Finding {
  const { unit, measured, interval } = finding;
  if (unit !== "money" || measured === undefined || interval === undefined) return finding;
  return { ...finding, measured: Math.round(measured), interval: [Math.round(interval[0]), Math.round(interval[1])] };
}
