/** Trace formats by the name that a scenario gives them. Adding one is adding its parser here. */
import type { TraceLoad } from "../../core/scenario/scenario.ts";
import { azureTraceParser } from "./trace-azure.ts";
import { mooncakeTraceParser } from "./trace-mooncake.ts";
import type { TraceParser } from "./trace.ts";

export const traceFormats: Readonly<Record<TraceLoad["format"], (name: string) => TraceParser>> = {
  azure: azureTraceParser,
  mooncake: mooncakeTraceParser,
};
