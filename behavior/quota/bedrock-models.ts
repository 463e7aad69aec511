/**
 * What Bedrock's limits and checks know of a model, by its id: `us.anthropic.claude-haiku-4-5-20251001-v1:0`.
 *
 * The region prefix of an inference profile (`us.`, `eu.`, `global.`) changes nothing here.
 */

export interface BedrockModelFacts {
  /** Longest answer, and what is reserved for an answer when a request does not say how long it may get. */
  readonly outputTokensMax: number;
  /** Tokens that an output token takes from the limits at the end of a call. */
  readonly burndown: number;
}

export function bedrockModelFacts(model: string): BedrockModelFacts {
  const claude = claudeVersion(model);
  if (claude !== undefined)
    return { outputTokensMax: claudeOutputTokensMax(model, claude), burndown: burndown(claude) };
  const nova = novaOutputTokensMax.find(([name]) => name.test(model));
  return { outputTokensMax: nova?.[1] ?? outputTokensMaxUnknown, burndown: 1 };
}

interface ClaudeVersion {
  readonly major: number;
  readonly minor: number;
}

/** `claude-3-7-sonnet-20250219`, `claude-sonnet-4-20250514`, `claude-opus-5-5`: a date is no version. */
function claudeVersion(model: string): ClaudeVersion | undefined {
  const match = /claude-(?:[a-z]+-)?(\d{1,2})(?:-(\d{1,2}))?(?!\d)/.exec(model);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2] ?? 0) };
}

function isBefore(version: ClaudeVersion, major: number, minor: number): boolean {
  return version.major < major || (version.major === major && version.minor < minor);
}

/**
 * docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html, as of 2026-09-23: 5 for Claude 3.7 to 4.7, 15 for 4.8, 10
 * from 5 on; 1 for all other models. (In 2025 it said 5 for everything from 3.7 on.)
 */
function burndown(version: ClaudeVersion): number {
  if (isBefore(version, 3, 7)) return 1;
  if (isBefore(version, 4, 8)) return 5;
  return isBefore(version, 5, 0) ? 15 : 10;
}

/**
 * Anthropic's overview of models: 4,096 for Claude 3, 8,192 for 3.5, 32,000 for Opus 4 and 4.1, 64,000 for the others up to 4.5, then
 * 128,000 (recalled).
 */
function claudeOutputTokensMax(model: string, version: ClaudeVersion): number {
  if (isBefore(version, 3, 5)) return 4_096;
  if (isBefore(version, 3, 7)) return 8_192;
  if (!isBefore(version, 4, 6)) return 128_000;
  const earlyOpus = model.includes("opus") && isBefore(version, 4, 5);
  return earlyOpus ? 32_000 : 64_000;
}

/** LiteLLM's list of models, `max_output_tokens` (model_prices_and_context_window.json). */
const novaOutputTokensMax: readonly (readonly [name: RegExp, tokens: number])[] = [
  [/amazon\.nova-2-/, 64_000],
  [/amazon\.nova-/, 10_000],
];

/** Assumed for models that are neither. */
const outputTokensMaxUnknown = 4_096;
