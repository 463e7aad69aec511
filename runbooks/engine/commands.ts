/**
 * What is known of commands before they run: whether they were allowed, whether they change anything, and how they tell what they
 * would do.
 */
import { assertNever } from "../../core/invariant.ts";
import type { CommandStep, CommandTool } from "./runbook.ts";
import type { CommandResult } from "./world.ts";

/** By tool: how a command may begin, one or more words each. A tool that is not there is off. */
export type Allowed = ReadonlyMap<CommandTool, readonly string[]>;

/** Why words may not be run; undefined: they may. */
export function notAllowed(tool: CommandTool, words: readonly string[], allowed: Allowed): string | undefined {
  const beginnings = allowed.get(tool);
  const text = commandText(tool, words);
  if (beginnings === undefined) return `${text} is off; allow it with --allow-${tool}`;
  const isListed = beginnings.some((beginning) => begins(tool, words, beginning.trim().split(/\s+/)));
  return isListed ? undefined : `${text} is not on the list of allowed ones: ${beginnings.join(", ")}`;
}

function begins(tool: CommandTool, words: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((word, index) => {
    const given = words[index] ?? "";
    return tool === "http" && index === 1 ? isUnder(given, word) : given === word;
  });
}

/** Whether an address lies at or below another one: same scheme, host and port, and whole segments of the path. */
function isUnder(address: string, base: string): boolean {
  if (!URL.canParse(address) || !URL.canParse(base)) return false;
  const [given, allowed] = [new URL(address), new URL(base)];
  const folder = allowed.pathname.replace(/\/$/, "");
  const isWithin = given.pathname === folder || given.pathname.startsWith(`${folder}/`);
  return given.origin === allowed.origin && isWithin;
}

export function commandText(tool: CommandTool, words: readonly string[]): string {
  return `${tool}: ${words.join(" ")}`;
}

/** Verbs of kubectl that change nothing (kubernetes.io, "kubectl reference", 1.34). */
const kubectlReads: ReadonlySet<string> = new Set([
  "get",
  "describe",
  "logs",
  "top",
  "version",
  "explain",
  "diff",
  "events",
  "wait",
  "cluster-info",
  "api-resources",
  "api-versions",
]);

/** Verbs that take `--dry-run=server`: the API server checks and answers, and stores nothing (same source). */
const kubectlDryRuns: ReadonlySet<string> = new Set([
  "annotate",
  "apply",
  "autoscale",
  "cordon",
  "create",
  "delete",
  "drain",
  "expose",
  "label",
  "patch",
  "replace",
  "run",
  "scale",
  "set",
  "taint",
  "uncordon",
]);

/** Whether it changes nothing by what its tool says of it; of a program, nobody knows. */
export function onlyReads(tool: CommandTool, [first = "", second = ""]: readonly string[]): boolean {
  switch (tool) {
    case "shell":
      return false;
    case "kubectl":
      return kubectlReads.has(first) || (first === "rollout" && ["status", "history"].includes(second));
    case "http":
      return ["GET", "HEAD", "OPTIONS"].includes(first);
    default:
      return assertNever(tool);
  }
}

/** What tells what a command would do and does nothing; undefined: it can only be shown. */
export function dryRunOf({
  tool,
  words,
  dryRun,
}: Pick<CommandStep, "tool" | "words" | "dryRun">): CommandStep["dryRun"] {
  if (dryRun !== undefined) return dryRun;
  const [verb = "", sub = ""] = words;
  const takesIt = tool === "kubectl" && (kubectlDryRuns.has(verb) || (verb === "rollout" && sub === "undo"));
  return takesIt && !words.some((word) => word.startsWith("--dry-run")) ? [...words, "--dry-run=server"] : undefined;
}

/** Whether it ended well: exit code 0, or a status of the two hundreds. */
export function succeeded(tool: CommandTool, { status }: CommandResult): boolean {
  return tool === "http" ? status >= 200 && status < 300 : status === 0;
}

/** Place of the word that is an address, within which values are encoded; undefined: there is none. */
export function addressAt(tool: CommandTool): number | undefined {
  return tool === "http" ? 1 : undefined;
}
