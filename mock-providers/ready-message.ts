/** What `squall mock` prints first: where it listens, and for each provider what a vendor's SDK needs. */
import type { MockConfig, MockProviderConfig } from "./config.ts";
import { dialects } from "./dialects.ts";

export interface ReadyMessage {
  readonly event: "ready";
  readonly url: string;
  /** By name of the provider. */
  readonly providers: Readonly<Record<string, ReadyProvider>>;
}

export interface ReadyProvider {
  /** What the vendor's SDK takes. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** The first key with limits of its own, where there is one. */
  readonly tightApiKey?: string;
  /** The first model of its kind, where there is one. */
  readonly model?: string;
  readonly embeddingModel?: string;
}

export function readyMessage(url: string, config: MockConfig): ReadyMessage {
  const entries = config.providers.map((provider) => [provider.name, readyProvider(url, provider)] as const);
  return { event: "ready", url, providers: Object.fromEntries(entries) };
}

/** Where a provider's SDK is pointed. */
export function baseUrlOf(url: string, provider: Pick<MockProviderConfig, "name" | "dialect">): string {
  return `${url}/${provider.name}${dialects[provider.dialect].basePath}`;
}

function readyProvider(url: string, provider: MockProviderConfig): ReadyProvider {
  const { isEmbeddingModel } = dialects[provider.dialect];
  const names = provider.models.map(({ model }) => model);
  const model = names.find((name) => !isEmbeddingModel(name));
  const embeddingModel = names.find(isEmbeddingModel);
  const tight = provider.keys.find((key) => key.limits !== undefined);
  const roomy = provider.keys.find((key) => key.limits === undefined) ?? provider.keys[0];
  return {
    baseUrl: baseUrlOf(url, provider),
    apiKey: roomy?.apiKey ?? "",
    ...(tight === undefined ? {} : { tightApiKey: tight.apiKey }),
    ...(model === undefined ? {} : { model }),
    ...(embeddingModel === undefined ? {} : { embeddingModel }),
  };
}
