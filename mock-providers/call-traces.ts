/** What the rest of the mock knows of traces; `traces.ts`, which does the work, is loaded only where somebody wants them. */
import type { IncomingHttpHeaders } from "node:http";
import type { RequestRecord } from "../core/record.ts";
import type { Call } from "./call.ts";

export interface CallTraces {
  readonly callEnded: (call: Call, record: RequestRecord) => void;
  /** Sends what has not been sent. */
  readonly close: () => Promise<void>;
}

export type TraceEnvironment = Readonly<Record<string, string | undefined>>;

/** Headers of W3C Trace Context. */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Traces where an endpoint is set and nothing switches them off (OpenTelemetry, "SDK environment variables"). */
export async function tracesFor(env: TraceEnvironment): Promise<CallTraces | undefined> {
  const endpoint = env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] ?? env["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "";
  const off = env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true" || env["OTEL_TRACES_EXPORTER"] === "none";
  if (endpoint === "" || off) return undefined;
  const { openTraces } = await import("./traces.ts");
  return openTraces(env);
}

/** The caller's span; undefined when it has none. */
export function traceHeadersOf({ traceparent, tracestate }: IncomingHttpHeaders): TraceHeaders | undefined {
  if (typeof traceparent !== "string") return undefined;
  return typeof tracestate === "string" ? { traceparent, tracestate } : { traceparent };
}
