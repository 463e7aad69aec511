/**
 * Reads one source file: what it imports, its functions and their lengths, its default export.
 *
 * The parser is oxc's, which reads TypeScript itself. The compiler of TypeScript 7 has no API for this, and a cruiser that
 * leaned on it found zero modules and called that a pass.
 */
import { parseSync } from "oxc-parser";

export interface ImportSeen {
  /** Undefined when the name is computed at run time. */
  readonly specifier: string | undefined;
  readonly line: number;
  readonly typeOnly: boolean;
}

export interface FunctionSeen {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

export interface ModuleSeen {
  readonly imports: readonly ImportSeen[];
  readonly functions: readonly FunctionSeen[];
  readonly defaultExportLine: number | undefined;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

/** Parses the text; a file that does not parse is an error, since an unread file would pass every rule. */
export function readModule(file: string, text: string): ModuleSeen {
  const { program, errors } = parseSync(file, text);
  const [first] = errors;
  if (first !== undefined) throw new Error(`${file} does not parse: ${first.message}`);
  const lineOf = lineCounter(text);
  const imports: ImportSeen[] = [];
  const functions: FunctionSeen[] = [];
  let defaultExportLine: number | undefined;
  walk(program, undefined, (node, parent) => {
    const seen = importOf(node, lineOf);
    if (seen !== undefined) imports.push(seen);
    if (FUNCTIONS.has(node.type)) {
      const line = lineOf(node.start);
      functions.push({ name: nameOf(node, parent), line, lines: lineOf(node.end) - line + 1 });
    }
    if (isDefaultExport(node)) defaultExportLine ??= lineOf(node.start);
  });
  return { imports, functions, defaultExportLine };
}

function walk(value: unknown, parent: Node | undefined, visit: (node: Node, parent: Node | undefined) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, parent, visit);
    return;
  }
  if (!isNode(value)) return;
  visit(value, parent);
  for (const [field, child] of Object.entries(value)) {
    if (typeof child === "object" && child !== null && field !== "parent") walk(child, value, visit);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

function importOf(node: Node, lineOf: (offset: number) => number): ImportSeen | undefined {
  const line = lineOf(node.start);
  switch (node.type) {
    case "ImportDeclaration":
      return { specifier: literal(node["source"]), line, typeOnly: node["importKind"] === "type" };
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      if (!isNode(node["source"])) return undefined;
      return { specifier: literal(node["source"]), line, typeOnly: node["exportKind"] === "type" };
    case "ImportExpression":
      return { specifier: literal(node["source"]), line, typeOnly: false };
    case "TSImportType":
      return { specifier: literal(node["source"] ?? node["argument"]), line, typeOnly: true };
    case "TSExternalModuleReference":
      return { specifier: literal(node["expression"]), line, typeOnly: false };
    case "CallExpression":
      return requireOf(node, line);
    case "NewExpression":
      return workerUrlOf(node, line);
    default:
      return undefined;
  }
}

/** `require("x")` and `import.meta.resolve("x")`. */
function requireOf(node: Node, line: number): ImportSeen | undefined {
  const callee = node["callee"];
  if (!isNode(callee)) return undefined;
  const isRequire = callee.type === "Identifier" && callee["name"] === "require";
  const isResolve =
    callee.type === "MemberExpression" && isMetaProperty(callee["object"]) && named(callee["property"], "resolve");
  if (!isRequire && !isResolve) return undefined;
  return { specifier: literal(firstArgument(node)), line, typeOnly: false };
}

/** `new URL("./worker.ts", import.meta.url)`: how a worker thread's module is named. */
function workerUrlOf(node: Node, line: number): ImportSeen | undefined {
  const [target, base] = node["arguments"] as readonly unknown[];
  if (!named(node["callee"], "URL") || !isNode(base)) return undefined;
  if (base.type !== "MemberExpression" || !isMetaProperty(base["object"])) return undefined;
  const specifier = literal(target);
  return specifier !== undefined && /\.m?[jt]s$/.test(specifier) ? { specifier, line, typeOnly: false } : undefined;
}

function isMetaProperty(value: unknown): boolean {
  return isNode(value) && value.type === "MetaProperty";
}

function named(value: unknown, name: string): boolean {
  return isNode(value) && value["name"] === name;
}

function firstArgument(node: Node): unknown {
  return (node["arguments"] as readonly unknown[])[0];
}

/** The text of a string literal, or of a template without holes. */
function literal(value: unknown): string | undefined {
  if (!isNode(value)) return undefined;
  if (value.type === "TSLiteralType") return literal(value["literal"]);
  if (value.type === "TemplateLiteral") {
    const [only, second] = value["quasis"] as readonly { readonly value: { readonly cooked: string } }[];
    return second === undefined ? only?.value.cooked : undefined;
  }
  return typeof value["value"] === "string" ? value["value"] : undefined;
}

function isDefaultExport(node: Node): boolean {
  return (
    node.type === "ExportDefaultDeclaration" || (node.type === "ExportSpecifier" && named(node["exported"], "default"))
  );
}

function nameOf(node: Node, parent: Node | undefined): string {
  const candidates = [node["id"], parent?.["id"], parent?.["key"], parent?.["left"]];
  const found = candidates.find((each) => isNode(each) && typeof each["name"] === "string");
  return isNode(found) ? String(found["name"]) : "(anonymous)";
}

function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
