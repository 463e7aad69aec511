/** Every dialect. Adding a provider's wire format is adding its folder and a line here. */
import type { Dialect } from "../core/scenario/provider-spec.ts";
import type { DialectServer } from "./dialect.ts";
import { anthropicDialect } from "./anthropic/dialect.ts";
import { azureOpenAiDialect } from "./azure-openai/dialect.ts";
import { bedrockDialect } from "./bedrock/dialect.ts";
import { geminiDialect } from "./gemini/dialect.ts";
import { openAiDialect } from "./openai/dialect.ts";
import { vertexDialect } from "./vertex/dialect.ts";

export const dialects: Readonly<Record<Dialect, DialectServer>> = {
  openai: openAiDialect,
  "azure-openai": azureOpenAiDialect,
  anthropic: anthropicDialect,
  bedrock: bedrockDialect,
  gemini: geminiDialect,
  vertex: vertexDialect,
};
