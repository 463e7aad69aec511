/**
 * A line over the last minutes, as small as a sentence: drawn on every sample, so without a chart library.
 *
 * Colours are CSS variables of the page. The figure beside it says the last value in words; the picture only shows where it came from.
 */
import type { Ms } from "../../core/time.ts";
import { escapeHtml, type Markup, trustedMarkup } from "../../reports/html/markup.ts";

export interface Sparkline {
  /** For those who cannot see it. */
  readonly label: string;
  /** In order of time; undefined breaks the line. */
  readonly points: readonly { readonly atMs: Ms; readonly value: number | undefined }[];
  /** A line across: what is allowed. */
  readonly limit: number | undefined;
  /** The axis reaches at least this far. */
  readonly atLeast: number;
  readonly fromMs: Ms;
  readonly toMs: Ms;
  /** Instants worth a tick. */
  readonly marks: readonly Ms[];
}

const [width, height, margin] = [320, 72, 3];

export function sparkline({ label, points, limit, atLeast, fromMs, toMs, marks }: Sparkline): Markup {
  const top = Math.max(atLeast, limit ?? 0, ...points.map(({ value = 0 }) => value)) * 1.1;
  const x = (atMs: Ms): string => (((atMs - fromMs) / Math.max(1, toMs - fromMs)) * width).toFixed(1);
  const y = (value: number): string => (height - margin - (value / top) * (height - 2 * margin)).toFixed(1);
  const ticks = marks
    .filter((atMs) => atMs >= fromMs && atMs <= toMs)
    .map((atMs) => `<line class="tick" x1="${x(atMs)}" x2="${x(atMs)}" y1="0" y2="${height}"/>`);
  const across =
    limit === undefined ? "" : `<line class="limit" x1="0" x2="${width}" y1="${y(limit)}" y2="${y(limit)}"/>`;
  const last = points.at(-1);
  const dot =
    last?.value === undefined ? "" : `<circle class="dot" cx="${x(last.atMs)}" cy="${y(last.value)}" r="2.5"/>`;
  return trustedMarkup(
    `<svg class="spark" role="img" aria-label="${escapeHtml(label)}" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none">` +
      `${ticks.join("")}${across}<path class="line" d="${pathOf(points, x, y)}"/>${dot}</svg>`,
  );
}

function pathOf(points: Sparkline["points"], x: (atMs: Ms) => string, y: (value: number) => string): string {
  let isDrawing = false;
  return points
    .flatMap(({ atMs, value }) => {
      if (value === undefined) {
        isDrawing = false;
        return [];
      }
      const command = isDrawing ? "L" : "M";
      isDrawing = true;
      return [`${command}${x(atMs)} ${y(value)}`];
    })
    .join("");
}
