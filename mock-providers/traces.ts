/**
 * A span per call, over OTLP, for those who look at the traces of a gateway and want to see its providers in them.
 *
 * Names are those of OpenTelemetry's conventions for generative AI (open-telemetry/semantic-conventions-genai, "Inference"); the
 * span is the server's side of the client's call and continues its `traceparent`. Times are wall time, as in every other span.
 *
 * Loaded only where an endpoint is set: a mock without traces pays neither the start-up nor the memory.
 */
import {
  type Attributes,
  type Context,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { toDollars } from "../core/money.ts";
import type { Dialect } from "../core/scenario/provider-spec.ts";
import type { RequestRecord } from "../core/record.ts";
import type { Call } from "./call.ts";
import type { CallTraces, TraceEnvironment } from "./call-traces.ts";
import { dialects } from "./dialects.ts";

/** Well-known values of `gen_ai.provider.name`. */
const providerNames: Readonly<Record<Dialect, string>> = {
  openai: "openai",
  "azure-openai": "azure.ai.openai",
  anthropic: "anthropic",
  bedrock: "aws.bedrock",
  gemini: "gcp.gemini",
  vertex: "gcp.vertex_ai",
};

/** Values that clients send, such as models, are cut to this. */
const valueCharactersMax = 256;

/** `env`: the `OTEL_*` variables; the exporter reads those about itself from the process. */
export function openTraces(env: TraceEnvironment): CallTraces {
  const named = resourceFromAttributes({ "service.name": "squall-mock" });
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(named)
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(env),
    spanLimits: { attributeValueLengthLimit: valueCharactersMax },
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  const tracer = provider.getTracer("squall-mock");
  return {
    callEnded: (call, record) => {
      const { wall } = call.state.clock;
      const wallMsBefore = (scenarioMs: number): number =>
        wall.epochMs() - call.state.clock.toWallMs(record.endMs - scenarioMs);
      const attributes = attributesOf(call, record);
      const name = `${String(attributes["gen_ai.operation.name"])} ${record.model}`.trim();
      const startTime = wallMsBefore(record.intendedMs);
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, startTime, attributes }, parentOf(call));
      if (record.stream && record.firstTokenMs !== null)
        span.addEvent("first_token", wallMsBefore(record.firstTokenMs));
      // Of server spans only the server's own failures are errors (OpenTelemetry, "HTTP spans", status); broken answers are, too.
      if (record.outcome !== "ok" && (record.status === 0 || record.status === 200 || record.status >= 500)) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: record.reason });
      }
      span.end(wallMsBefore(record.endMs));
    },
    close: () => provider.shutdown(),
  };
}

function attributesOf({ ask, mounted }: Call, record: RequestRecord): Attributes {
  const { dialect } = mounted.spec;
  return {
    "gen_ai.operation.name": operationOf(dialect, record.model),
    "gen_ai.provider.name": providerNames[dialect],
    "gen_ai.request.model": record.model,
    "gen_ai.request.stream": record.stream,
    ...(ask.maxOutputTokens === undefined ? {} : { "gen_ai.request.max_tokens": ask.maxOutputTokens }),
    ...(record.outcome === "ok" ? { "gen_ai.response.model": record.model } : { "error.type": errorTypeOf(record) }),
    ...(record.firstTokenMs === null || !record.stream
      ? {}
      : { "gen_ai.response.time_to_first_chunk": (record.firstTokenMs - record.intendedMs) / 1_000 }),
    "gen_ai.usage.input_tokens": record.inputTokens,
    "gen_ai.usage.output_tokens": record.outputTokens,
    "gen_ai.usage.cache_read.input_tokens": record.cachedTokens,
    ...(record.status === 0 ? {} : { "http.response.status_code": record.status }),
    "squall.provider": record.provider,
    "squall.request.key": record.key,
    "squall.outcome": record.outcome,
    "squall.cost_usd": toDollars(record.cost),
  };
}

function operationOf(dialect: Dialect, model: string): string {
  if (dialects[dialect].isEmbeddingModel(model)) return "embeddings";
  return dialect === "gemini" || dialect === "vertex" ? "generate_content" : "chat";
}

/** The provider's own code where it has one, else the status. */
function errorTypeOf({ reason, status, outcome }: RequestRecord): string {
  return reason === "" ? (status === 0 ? outcome : String(status)) : reason;
}

const propagator = new W3CTraceContextPropagator();

function parentOf({ traceHeaders }: Call): Context {
  return traceHeaders === undefined
    ? ROOT_CONTEXT
    : propagator.extract(ROOT_CONTEXT, traceHeaders, defaultTextMapGetter);
}

/** `OTEL_TRACES_SAMPLER` and its argument, as the specification has them; a caller's decision is followed unless told otherwise. */
function samplerOf({
  OTEL_TRACES_SAMPLER: wanted = "parentbased_always_on",
  OTEL_TRACES_SAMPLER_ARG: argument,
}: TraceEnvironment): Sampler {
  const root = wanted.endsWith("always_off")
    ? new AlwaysOffSampler()
    : wanted.endsWith("traceidratio")
      ? new TraceIdRatioBasedSampler(Number(argument ?? 1))
      : new AlwaysOnSampler();
  return wanted.startsWith("parentbased_") ? new ParentBasedSampler({ root }) : root;
}
