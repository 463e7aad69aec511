/**
 * Asks a provider for a model's answer, past our own gateway: the smallest question that there is, in the provider's own dialect,
 * with the key that the gateway sends.
 */
import { assertNever } from "../../core/invariant.ts";
import type { Dialect } from "../../core/scenario/provider-spec.ts";
import { formatDuration, type Ms } from "../../core/time.ts";
import { azureApiVersion, vertexLocation, vertexProject } from "../../gateways/upstream-settings.ts";
import type { ProbeResult } from "../../runbooks/engine/world.ts";

export interface ProbeTarget {
  readonly dialect: Dialect;
  /** What the vendor's SDK would take as base URL. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
}

interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** Longest wait for an answer, wall time. */
const probeTimeoutMs: Ms = 10_000;

/** The version that Anthropic's SDKs send (docs.anthropic.com, "API versioning"). */
const anthropicVersion = "2023-06-01";

/** `nowMs`: scenario time, in which the answer's time is told. Never rejects: a provider that cannot be reached does not answer. */
export async function probeProvider(target: ProbeTarget, nowMs: () => Ms): Promise<ProbeResult> {
  const { path, headers, body } = smallestQuestion(target);
  const beganMs = nowMs();
  try {
    const response = await fetch(`${target.baseUrl.replace(/\/+$/, "")}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(probeTimeoutMs),
    });
    await response.arrayBuffer();
    const tookMs = nowMs() - beganMs;
    // A provider that says "too many requests" is up: it is us who ask too much.
    if (!response.ok) return { answers: response.status === 429, detail: String(response.status) };
    return { answers: true, tookMs, detail: `200 after ${formatDuration(Math.round(tookMs))}` };
  } catch (cause) {
    return { answers: false, detail: `no connection: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

const question = "Are you there?";

/** Paths and headers as the vendors' SDKs send them (mock-providers/, whose tests run those SDKs). */
function smallestQuestion({ dialect, apiKey, model }: ProbeTarget): Asked {
  const bearer = { authorization: `Bearer ${apiKey}` };
  const chat = { max_tokens: 1, messages: [{ role: "user", content: question }] };
  const name = encodeURIComponent(model);
  switch (dialect) {
    case "openai":
      return { path: "/chat/completions", headers: bearer, body: { model, ...chat } };
    case "azure-openai":
      return {
        path: `/openai/deployments/${name}/chat/completions?api-version=${azureApiVersion}`,
        headers: { "api-key": apiKey },
        body: chat,
      };
    case "anthropic":
      return {
        path: "/v1/messages",
        headers: { "x-api-key": apiKey, "anthropic-version": anthropicVersion },
        body: { model, ...chat },
      };
    case "bedrock":
      return {
        path: `/model/${name}/converse`,
        headers: bearer,
        body: { messages: [{ role: "user", content: [{ text: question }] }], inferenceConfig: { maxTokens: 1 } },
      };
    case "gemini":
      return {
        path: `/v1beta/models/${name}:generateContent`,
        headers: { "x-goog-api-key": apiKey },
        body: googleBody,
      };
    case "vertex": {
      const path = `/v1/projects/${vertexProject}/locations/${vertexLocation}/publishers/google/models/${name}:generateContent`;
      return { path, headers: bearer, body: googleBody };
    }
    default:
      return assertNever(dialect);
  }
}

const googleBody = {
  contents: [{ role: "user", parts: [{ text: question }] }],
  generationConfig: { maxOutputTokens: 1 },
};
