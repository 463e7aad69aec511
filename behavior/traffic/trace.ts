/** Trace formats by the name that a scenario gives them. Adding one is adding its parser here. */
import type { TraceLoad } from "../../core/scenario/traffic-spec.ts";
import { azureTraceParser } from "./trace-azure.ts";
import { mooncakeTraceParser } from "./trace-mooncake.ts";
import type { TraceParser } from "./trace-rows.ts";

export { traceLineCharactersMax, type TraceParser, type TraceRows } from "./trace-rows.ts";

const parsers: Readonly<Record<TraceLoad["format"], (name: string) => TraceParser>> = {
  azure: azureTraceParser,
  mooncake: mooncakeTraceParser,
};

/** A parser for one file; `name` is what its errors call the file. */
export function traceParser(format: TraceLoad["format"], name: string): TraceParser {
  return parsers[format](name);
}
