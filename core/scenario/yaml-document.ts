/**
 * A YAML text as plain data, and the line of every place in it.
 *
 * Bounds: a megabyte of text, and a hundred uses of anchors, so that a small file cannot unfold into a large one.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Document } from "yaml";
import { invalidInput, type Problem, type SquallError } from "../errors.ts";

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

/** Reads a text; throws `scenario-invalid` with everything that YAML has against it. */
export function readYaml(text: string, name: string): YamlDocument {
  if (text.length > scenarioBytesMax) {
    throw unreadable(name, [{ path: name, message: `has ${text.length} characters; allowed are ${scenarioBytesMax}` }]);
  }
  const lines = new LineCounter();
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const problems = [...document.errors, ...document.warnings].map((error): Problem => {
      const line = lineAt(error.pos[0]);
      return yamlProblem(`${name}:${line}`, line, error.code, error.message);
    });
    if (problems.length > 0) throw unreadable(name, problems);
    const data: unknown = document.toJS({ maxAliasCount: aliasesMax });
    return { data, lineOf: (path) => lineAt(offsetOf(document, path)) };
  } catch (cause) {
    // Both are the parser's way to refuse a bomb: too many aliases, or brackets nested until the stack is full.
    if (cause instanceof ReferenceError || cause instanceof RangeError) {
      const what =
        cause instanceof RangeError ? "is nested too deeply" : `repeats anchors too often: at most ${aliasesMax} uses`;
      throw unreadable(name, [{ path: name, message: what, hint: "write it out; a scenario is a page of plain YAML" }]);
    }
    throw cause;
  }
}

function unreadable(name: string, problems: readonly Problem[]): SquallError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return invalidInput(`${name} is no readable YAML: ${count}`, { code: "scenario-invalid", problems });
}

function yamlProblem(path: string, line: number, code: string, message: string): Problem {
  switch (code) {
    case "DUPLICATE_KEY":
      return { path, line, message: "names a key that is already there", hint: "keep one of the two" };
    case "TAB_AS_INDENT":
      return { path, line, message: "is indented with a tab", hint: "YAML takes spaces only" };
    case "UNEXPECTED_TOKEN":
      return message.startsWith("Block scalar header")
        ? { path, line, message: "has a value that starts with > or |", hint: 'quote it, as in goodput: "> 97%"' }
        : { path, line, message };
    default:
      return { path, line, message };
  }
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
