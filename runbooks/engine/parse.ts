/**
 * From the Markdown of a runbook to a Runbook, or to everything that is wrong with it, line by line.
 *
 *     text ─▶ CommonMark tree ─▶ front matter ─┐
 *                          └──▶ phases: headings, prose, fenced `squall` blocks ─┴▶ checks across steps ─▶ Runbook
 */
import { fromMarkdown } from "mdast-util-from-markdown";
import { frontmatterFromMarkdown } from "mdast-util-frontmatter";
import { frontmatter } from "micromark-extension-frontmatter";
import type { Code, Heading, RootContent } from "mdast";
import { invalidInput, type Problem } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import { mistakesOf, problemOf } from "../../core/scenario/problems.ts";
import { readYaml, type YamlDocument } from "../../core/scenario/yaml-document.ts";
import { plural } from "../../core/units.ts";
import type * as z from "zod";
import { type FrontMatter, frontMatterSchema } from "./front-matter.ts";
import { lintRunbook } from "./lint.ts";
import { type Phase, type PhaseName, phaseNames, type Runbook, type Step } from "./runbook.ts";
import { type Block, blockSchema } from "./step-schema.ts";
import { titled } from "./titles.ts";

/** Longest runbook, in characters. A runbook is a few pages. */
export const runbookCharactersMax = 262_144;

/** Throws `runbook-invalid` (exit code 3) with all problems of the file. `name` is what messages call it. */
export function parseRunbook(text: string, name: string): Runbook {
  const { runbook, problems } = readRunbook(text, name);
  if (runbook !== undefined && problems.length === 0) return runbook;
  throw invalidInput(`runbook ${name} cannot be used: ${plural(problems.length, "problem")}`, {
    code: "runbook-invalid",
    problems,
  });
}

export interface ReadRunbook {
  /** Undefined where it cannot even be read as one. */
  readonly runbook: Runbook | undefined;
  readonly problems: readonly Problem[];
}

/** The same for a linter: all problems, and what could be read. */
export function readRunbook(text: string, name: string): ReadRunbook {
  if (text.length > runbookCharactersMax) {
    const message = `has ${text.length} characters; allowed are ${runbookCharactersMax}`;
    return { runbook: undefined, problems: [{ path: name, message }] };
  }
  const tree = fromMarkdown(text, {
    extensions: [frontmatter(["yaml"])],
    mdastExtensions: [frontmatterFromMarkdown(["yaml"])],
  });
  const problems: Problem[] = [];
  const head = tree.children.find((node) => node.type === "yaml");
  if (head === undefined) {
    problems.push({
      path: name,
      line: 1,
      message: "has no front matter; needed is one between --- and --- at its head",
    });
  }
  const front =
    head === undefined ? undefined : readPart(head.value, lineOf(head), "front matter", frontMatterSchema, problems);
  const phases = readPhases(tree.children, text, problems);
  if (phases.length === 0) {
    problems.push({
      path: name,
      line: 1,
      message: `has no phase; phases are headings: ${phaseNames.map(titled).join(", ")}`,
    });
  }
  const runbook = front === undefined ? undefined : { ...(front satisfies FrontMatter), phases };
  const all = runbook === undefined ? problems : [...problems, ...lintRunbook(runbook)];
  return { runbook, problems: all.toSorted((left, right) => (left.line ?? 0) - (right.line ?? 0)) };
}

/** A part of the file that is YAML: its data, or problems with the lines of the whole file. */
function readPart<Value>(
  yaml: string,
  line: number,
  what: string,
  schema: z.ZodType<Value>,
  problems: Problem[],
): Value | undefined {
  const moved = (problem: Problem): Problem => ({ ...problem, line: line + (problem.line ?? 1) });
  let document: YamlDocument;
  try {
    document = readYaml(yaml, what, "runbook-invalid");
  } catch (cause) {
    const found = cause instanceof Error && "problems" in cause ? (cause.problems as readonly Problem[]) : [];
    problems.push(...found.map((problem) => ({ ...moved(problem), path: what })));
    return undefined;
  }
  const parsed = schema.safeParse(document.data, { reportInput: true });
  if (parsed.success) return parsed.data;
  for (const mistake of mistakesOf(parsed.error.issues)) {
    const problem = problemOf(mistake, document);
    problems.push({ ...moved(problem), path: mistake.path.length === 0 ? what : problem.path });
  }
  return undefined;
}

interface OpenPhase {
  readonly name: PhaseName;
  readonly line: number;
  readonly nodes: RootContent[];
}

function readPhases(nodes: readonly RootContent[], text: string, problems: Problem[]): readonly Phase[] {
  const open: OpenPhase[] = [];
  for (const node of nodes) {
    if (node.type === "heading" && node.depth === 2) {
      const phase = phaseOf(node, text, open, problems);
      if (phase !== undefined) open.push(phase);
    } else if (node.type !== "yaml") {
      const current = open.at(-1);
      if (current !== undefined) current.nodes.push(node);
      else if (isBlock(node)) {
        problems.push({
          path: "step",
          line: lineOf(node),
          message: "stands before the first phase; put it under a heading",
        });
      }
    }
  }
  return open.map((phase) => completePhase(phase, text, problems));
}

function phaseOf(node: Heading, text: string, open: readonly OpenPhase[], problems: Problem[]): OpenPhase | undefined {
  const title = textOf(node, text)
    .replace(/^#+\s*/, "")
    .trim();
  const line = lineOf(node);
  const name = phaseNames.find((each) => each === title.toLowerCase());
  if (name === undefined) {
    const hint = nearest(title.toLowerCase(), phaseNames);
    problems.push({
      path: title,
      line,
      message: `is no phase; phases are ${phaseNames.map(titled).join(", ")}`,
      ...hint,
    });
    return undefined;
  }
  const last = open.at(-1);
  if (open.some((each) => each.name === name)) {
    problems.push({ path: title, line, message: "is there twice; put both under one heading" });
  } else if (last !== undefined && phaseNames.indexOf(last.name) > phaseNames.indexOf(name)) {
    problems.push({
      path: title,
      line,
      message: `stands after ${titled(last.name)}; the order is ${phaseNames.map(titled).join(", ")}`,
    });
  }
  return { name, line, nodes: [] };
}

function completePhase({ name, line, nodes }: OpenPhase, text: string, problems: Problem[]): Phase {
  const blocks = nodes.filter(isBlock).flatMap((node) => {
    const at = lineOf(node);
    const block = readPart(node.value, at, `${name} step`, blockSchema, problems);
    return block === undefined ? [] : [{ block, line: at }];
  });
  const prose = nodes
    .filter((node) => !isBlock(node))
    .map((node) => textOf(node, text))
    .join("\n\n");
  const entry = blocks.map(({ block }) => block).find((block) => block.block === "entry");
  const exit = blocks.map(({ block }) => block).find((block) => block.block === "exit");
  let count = 0;
  const steps = blocks.flatMap(({ block, line: at }) => stepsOf(block, at, () => `${name}.${++count}`));
  return {
    name,
    line,
    prose,
    entry: entry?.condition,
    exit: exit === undefined ? undefined : { condition: exit.condition, withinMs: exit.withinMs },
    steps,
  };
}

function stepsOf(block: Block, line: number, nextId: () => string): readonly Step[] {
  if (block.block === "entry" || block.block === "exit") return [];
  const id = block.id ?? nextId();
  const { onFailure, when } = block;
  if (block.block === "step") return [{ id, line, onFailure, when, ...block.step }];
  let count = 0;
  const steps = block.steps.flatMap((inner) => stepsOf(inner, line, () => `${id}.${++count}`));
  return [{ id, line, onFailure, when, kind: "parallel", steps }];
}

function isBlock(node: RootContent): node is Code {
  return node.type === "code" && node.lang === "squall";
}

function lineOf(node: RootContent): number {
  return node.position?.start.line ?? 1;
}

function textOf(node: RootContent, text: string): string {
  return text.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0);
}
