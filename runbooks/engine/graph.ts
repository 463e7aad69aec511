/** The flow of a runbook as a Mermaid flowchart, which Git hosts draw where it stands in Markdown. */
import { assertNever } from "../../core/invariant.ts";
import { doneId, type FlowEdge, type FlowNode, flowOf } from "./flow.ts";
import type { Runbook } from "./runbook.ts";
import { titled } from "./titles.ts";

export function runbookGraph(runbook: Pick<Runbook, "phases">): string {
  const { phases, edges } = flowOf(runbook);
  const lines = phases.flatMap(({ name, nodes }) => [
    `  subgraph ${name} [${titled(name)}]`,
    ...nodes.map((node) => `    ${named(node.id)}${shapeOf(node)}`),
    "  end",
    ...edges.filter(({ from }) => nodes.some(({ id }) => id === from)).map((edge) => `  ${arrow(edge)}`),
  ]);
  return `${["flowchart TD", ...lines, "  done([done])"].join("\n")}\n`;
}

function arrow({ from, to, kind }: FlowEdge): string {
  const [left, right] = [named(from), to === doneId ? doneId : named(to)];
  switch (kind) {
    case "next":
      return `${left} --> ${right}`;
    case "yes":
    case "no":
      return `${left} -- ${kind} --> ${right}`;
    case "fails":
      return `${left} -. fails .-> ${right}`;
    default:
      return assertNever(kind);
  }
}

function shapeOf({ kind, label, text }: FlowNode): string {
  switch (kind) {
    case "decision":
      return `{"${quoted(text)}"}`;
    case "person":
      return `[/"${quoted(`${label}: ${text}`)}"/]`;
    case "condition":
      return `{{"${quoted(label === "exit" ? text : `${label}: ${text}`)}"}}`;
    case "action":
    case "note":
      return `["${quoted(label === "action" || label === "note" ? text : `${label}: ${text}`)}"]`;
    default:
      return assertNever(kind);
  }
}

/** A name that Mermaid takes. */
function named(id: string): string {
  return id.replaceAll(/[^\w]/g, "_");
}

/** Text within quotes; Mermaid takes HTML's names of signs. */
function quoted(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
