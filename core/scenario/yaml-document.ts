/**
 * A YAML text as plain data, and the line of every place in it.
 *
 * Bounds: a megabyte of text, and a hundred uses of anchors, so that a small file cannot unfold into a large one.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Document,
  type YAMLError,
} from "yaml";
import { invalidInput, type Problem, type SquallError } from "../errors.ts";
import { plural } from "../units.ts";

export type DocumentPath = readonly (string | number)[];

export interface YamlDocument {
  readonly data: unknown;
  /** 1-based line of the deepest part of the path that is there. */
  readonly lineOf: (path: DocumentPath) => number;
}

/** No scenario is larger. */
export const scenarioBytesMax = 1_048_576;

/** Uses of anchors, counted as the `yaml` package does: an alias of an alias counts for all that it stands for. */
const aliasesMax = 100;

/** Reads a text; throws with everything that YAML has against it. `code` is that of the error. */
export function readYaml(text: string, name: string, code = "scenario-invalid"): YamlDocument {
  const unreadable = (problems: readonly Problem[]): SquallError =>
    invalidInput(`${name} is no readable YAML: ${plural(problems.length, "problem")}`, { code, problems });
  if (text.length > scenarioBytesMax) {
    throw unreadable([{ path: name, message: `has ${text.length} characters; allowed are ${scenarioBytesMax}` }]);
  }
  const lines = new LineCounter();
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = [...document.errors, ...document.warnings].map((error): Problem => {
    const line = lineAt(error.pos[0]);
    return { path: `${name}:${line}`, line, ...inWords(error, text.split("\n")[line - 1] ?? "") };
  });
  if (problems.length > 0) throw unreadable(distinct(problems));
  try {
    const data: unknown = document.toJS({ maxAliasCount: aliasesMax });
    return { data, lineOf: (path) => lineAt(offsetOf(document, path)) };
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    throw unreadable([{ path: name, ...aliasInWords(cause) }]);
  }
}

/** The parser may stumble over one mistake several times. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [problem.message + problem.path, problem])).values()];
}

type Words = Pick<Problem, "message" | "hint">;

/** What YAML objects to, in the words of someone who writes scenarios. */
function inWords(error: YAMLError, lineText: string): Words {
  const code: string = error.code;
  switch (code) {
    case "DUPLICATE_KEY":
      return { message: "names a key that is already there", hint: "keep one of the two" };
    case "TAB_AS_INDENT":
      return { message: "is indented with a tab", hint: "YAML takes spaces only" };
    case "MULTIPLE_DOCS":
      return { message: "begins another document", hint: "put each document in a file of its own, without ---" };
    case "RESOURCE_EXHAUSTION":
      return { message: "is nested too deeply", hint: "a scenario is a page of plain YAML" };
    case "UNEXPECTED_TOKEN":
      // In YAML a value that starts with > is a block of folded text.
      return /:\s*>=?\s*\S/.test(lineText)
        ? { message: "has a value that starts with >", hint: 'quote it, as in goodput: "> 97%"' }
        : { message: error.message };
    default:
      return { message: error.message };
  }
}

function aliasInWords(cause: ReferenceError): Words {
  return cause.message.startsWith("Excessive")
    ? { message: `repeats anchors too often; allowed are ${aliasesMax} uses`, hint: "write it out" }
    : { message: cause.message };
}

/** Offset of the key or item that the path ends at, or of the last one on the way that is there. */
function offsetOf(document: Document.Parsed, path: DocumentPath): number {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined || !isScalar(pair.key)) return offset;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node) && typeof step === "number") {
      const item = node.items[step] as Node | undefined;
      offset = item?.range?.[0] ?? offset;
      node = item;
    } else {
      return offset;
    }
  }
  return offset;
}
