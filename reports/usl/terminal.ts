/** The Universal Scalability Law in a terminal. */
import { legible } from "../../core/legible.ts";
import { textTable } from "../text-table.ts";
import { answersInWords, digits, parameterRows, unsteady, type UslReport, verdictInWords } from "./words.ts";

export function renderUsl(report: UslReport, width: number): string {
  const { title, points, fit } = report;
  const right = { align: "right" } as const;
  const left = { align: "left" } as const;
  const parameters = textTable(
    [left, right, right, { ...left, shrinks: true }],
    parameterRows(report).map(({ name, value, interval, meaning }) => [name, value, interval, meaning].map(cell)),
    width - 2,
  );
  const measured = textTable(
    [{ ...left, shrinks: true }, right, right, left],
    [
      ["Load", "In flight", "Answers/s", ""].map(cell),
      ...points.map(({ of, load, throughput, isSteady }) =>
        [legible(of), digits(load), digits(throughput), isSteady ? "" : "fills up: no steady load"].map(cell),
      ),
    ],
    width - 2,
  );
  const filled = unsteady(points).length;
  return [
    "",
    legible(title),
    verdictInWords(report),
    `Universal Scalability Law, 95 % intervals by bootstrap over ${points.length} points; R² = ${fit.rSquared.toFixed(3)}.`,
    ...(filled === 0 ? [] : [`${filled} of them fill up: their throughput is that of a queue that grows.`]),
    "",
    ...parameters,
    "",
    ...measured,
    ...(report.asked.length === 0 ? [] : ["", ...answersInWords(report)]),
    "",
  ]
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n");
}

function cell(text: string): { readonly text: string } {
  return { text };
}
