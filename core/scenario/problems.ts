/**
 * From what zod found to what people read: one problem per mistake, with its place, its line and the nearest known name.
 */
import type * as z from "zod";
import type { Problem } from "../errors.ts";
import { isLegible, quoted } from "../legible.ts";
import { nearest } from "../nearest.ts";
import { knownSeparator } from "./written.ts";
import type { DocumentPath, YamlDocument } from "./yaml-document.ts";

type Issue = z.core.$ZodIssue;

/** A mistake at a place; the line is added where the document is known. */
export interface Mistake {
  readonly path: DocumentPath;
  readonly message: string;
  readonly hint?: string;
}

export function mistakesOf(issues: readonly Issue[]): readonly Mistake[] {
  return issues.flatMap((issue) => translated(issue, []));
}

export function problemOf(mistake: Mistake, document: YamlDocument): Problem {
  const { message, hint } = mistake;
  const line = document.lineOf(mistake.path);
  return { path: pathText(mistake.path), message, line, ...(hint === undefined ? {} : { hint }) };
}

/** `traffic.requests[0].share`; the document itself is `the scenario`. A key that is long or illegible is quoted and cut. */
function pathText(path: DocumentPath): string {
  const joined = path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${isShort(step) ? step : quoted(step)}`))
    .join("");
  return joined === "" ? "the scenario" : joined.replace(/^\./, "");
}

function isShort(key: string): boolean {
  return key !== "" && key.length <= 60 && isLegible(key);
}

function translated(issue: Issue, base: DocumentPath): readonly Mistake[] {
  const path = [...base, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
  if (issue.code === "unrecognized_keys") {
    const known = issue.message.split(knownSeparator);
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `is not known here; known are ${issue.message}`,
      ...nearest(key, known),
    }));
  }
  if (issue.code === "invalid_value" && typeof issue.input === "string") {
    return [{ path, message: issue.message, ...nearest(issue.input, issue.values.map(String)) }];
  }
  if (issue.code !== "invalid_union") return [{ path, message: issue.message }];
  const branch = issue.discriminator === undefined ? fittingBranch(issue.errors) : undefined;
  return branch === undefined ? [{ path, message: issue.message }] : branch.flatMap((inner) => translated(inner, path));
}

/** The alternative that takes this kind of value (a mapping, a text) at all; the first one, if several do. */
function fittingBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find((issues) => !issues.some(refusesKind));
}

function refusesKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_union");
}
