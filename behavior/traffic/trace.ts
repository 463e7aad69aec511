/** Trace formats by the name that a scenario gives them. Adding one is adding its parser here. */
import type { TraceLoad } from "../../core/scenario/traffic-spec.ts";
import { azureTraceParser } from "./trace-azure.ts";
import { mooncakeTraceParser } from "./trace-mooncake.ts";
import type { TraceParser } from "./trace-rows.ts";

export { traceLineCharactersMax, type TraceParser, type TraceRows } from "./trace-rows.ts";

type TraceFormat = NonNullable<TraceLoad["format"]>;

const parsers: Readonly<Record<TraceFormat, (name: string) => TraceParser>> = {
  azure: azureTraceParser,
  mooncake: mooncakeTraceParser,
};

/** A parser for one file; `name` is what its errors call the file. Without a format the first line that is not empty tells it. */
export function traceParser(format: TraceLoad["format"], name: string): TraceParser {
  if (format !== undefined) return parsers[format](name);
  let parser: TraceParser | undefined;
  return {
    line: (text, lineNumber) => {
      if (parser === undefined && text.trim() === "") return;
      parser ??= parsers[formatOf(text)](name);
      parser.line(text, lineNumber);
    },
    finish: () => (parser ?? azureTraceParser(name)).finish(),
  };
}

/** Lines of JSON are Mooncake's; a header of CSV is Azure's. */
function formatOf(line: string): TraceFormat {
  return line.trimStart().startsWith("{") ? "mooncake" : "azure";
}
