/**
 * What a mock serves: providers with their models, keys and limits, the speed of its clock, and what goes wrong when.
 *
 * Written as YAML or JSON in the words of a scenario: its `providers` and `timeline` can be copied here as they are.
 *
 *     seed: 7
 *     providers:
 *       openai: { dialect: openai, latency: openai-gpt-4o-mini, models: { gpt-4o-mini: { rpm: 500, tpm: 200k } } }
 *     keys:
 *       openai:
 *         - { key: sk-team-a, organization: org-a }
 *         - { key: sk-tight, organization: org-b, limits: [{ dimension: requests, amount: 3, per: 5s }] }
 *     timeline:
 *       - { at: 1m, for: 30s, fault: { provider: openai, kind: outage } }
 */
import { latencyProfileNames } from "../behavior/latency/profiles.ts";
import type { Account } from "../behavior/provider-model.ts";
import { provisionedModels as azureModels } from "../behavior/quota/azure-provisioned.ts";
import { quotaTiers } from "../behavior/quota/tiers/tiers.ts";
import { provisionedModels as vertexModels } from "../behavior/quota/vertex.ts";
import { invalidInput } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import { type Mistake, mistakesOf, problemOf } from "../core/scenario/problems.ts";
import type { ProviderSpec } from "../core/scenario/provider-spec.ts";
import type { TimelineEntry } from "../core/scenario/scenario.ts";
import { applyTiers, type AskedModels } from "../core/scenario/tiers.ts";
import { type DocumentPath, readYaml } from "../core/scenario/yaml-document.ts";
import { plural } from "../core/units.ts";
import { defaultKey, mockConfigSchema, type MockDocument } from "./config-schema.ts";
import { aimless } from "./fault-words.ts";
import { defaultProviders } from "./default-providers.ts";

export interface MockConfig {
  readonly seed: number;
  /** Scenario milliseconds per wall millisecond: latencies shrink and quotas refill faster by the same factor. */
  readonly timeScale: number;
  /** Multiplies planned latencies only; 0 answers at once. */
  readonly latencyScale: number;
  /** When the headers of a stream leave: with its first event, as the real services do it, or as soon as it is admitted. */
  readonly streamHeaders: "first-event" | "at-once";
  readonly providers: readonly MockProviderConfig[];
  readonly faults: readonly TimelineEntry[];
}

export interface MockProviderConfig extends ProviderSpec {
  /** Keys that are known; the provider refuses any other as its vendor does. */
  readonly keys: readonly Account[];
}

/**
 * Reads a configuration; `name` is the file's, for messages. Files that it names (latency profiles) are the caller's to read,
 * if it can. Throws invalid input with every problem found.
 */
export function parseMockConfig(
  text: string,
  name: string,
  files: "read-by-caller" | "refused" = "refused",
): MockConfig {
  const yaml = readYaml(text, name);
  const read = mockConfigSchema.safeParse(yaml.data, { reportInput: true });
  const tiered = read.success ? tieredDocument(read.data) : undefined;
  const mistakes =
    tiered === undefined
      ? mistakesOf(read.error?.issues ?? [])
      : [
          ...tiered.mistakes,
          ...(tiered.mistakes.length === 0 ? contradictions(tiered.document) : []),
          ...(files === "refused" ? namedFiles(tiered.document) : []),
        ];
  if (tiered !== undefined && mistakes.length === 0) return mockConfigOf(tiered.document);
  const problems = mistakes.map((mistake) => problemOf(mistake, yaml));
  throw invalidInput(`${name} is no usable configuration of the mock: ${plural(problems.length, "problem")}`, {
    code: "mock-config-invalid",
    problems,
    hint: "GET /_squall/config of a running mock shows a complete one",
  });
}

/** Providers with a tier get its limits; those that name no models serve what it publishes. */
function tieredDocument(document: MockDocument): {
  readonly document: MockDocument;
  readonly mistakes: readonly Mistake[];
} {
  const tierOf = (name: string): string => document.providers.find((one) => one.name === name)?.tier?.name ?? "";
  const asked = (name: string): AskedModels => ({ routed: [], requested: quotaTiers.modelsOf(tierOf(name)) });
  const { providers, mistakes } = applyTiers(document.providers, quotaTiers, asked);
  return { document: { ...document, providers }, mistakes };
}

function mockConfigOf({ providers, keys, timeline, ...settings }: MockDocument): MockConfig {
  return {
    ...settings,
    providers: providers.map((spec) => ({ ...spec, keys: keys[spec.name] ?? spec.keys ?? [defaultKey(spec.name)] })),
    faults: timeline,
  };
}

/** What is right by itself but not together, or not for a mock. */
function contradictions(document: MockDocument): readonly Mistake[] {
  const names = document.providers.map((provider) => provider.name);
  const unknown = (name: string, path: DocumentPath): readonly Mistake[] =>
    names.includes(name)
      ? []
      : [{ path, message: `is about "${name}"; providers are ${names.join(", ")}`, ...nearest(name, names) }];
  return [
    ...document.providers.flatMap(providerMistakes),
    ...document.providers.flatMap(unitMistakes),
    ...Object.entries(document.keys).flatMap(([name, keys]) => [
      ...unknown(name, ["keys", name]),
      ...sameKeys(name, keys),
    ]),
    ...document.timeline.flatMap(({ fault }, index) =>
      aimless(fault, ["timeline", index, "fault"], document.providers),
    ),
  ];
}

/** Provider names stand in paths, model names in the text of answers. */
const providerName = /^[a-z][a-z0-9-]{0,62}$/;
const modelName = /^[\w.:@-]{1,128}$/;

function providerMistakes({ name, models }: ProviderSpec): readonly Mistake[] {
  const path = ["providers", name];
  const mistakes: Mistake[] = [];
  if (!providerName.test(name))
    mistakes.push({ path, message: "must be named with lower-case letters, digits and hyphens" });
  if (models.length === 0)
    mistakes.push({ path: [...path, "models"], message: "is empty; needed is at least one model" });
  for (const { model, latencyProfile: profile, latency } of models) {
    if (!modelName.test(model)) {
      mistakes.push({ path: [...path, "models", model], message: "must be named with letters, digits and . _ : @ -" });
    }
    if (latencyProfileNames.includes(profile) || (latency?.profile ?? latency?.file ?? latency?.engine) !== undefined)
      continue;
    const message = `names the latency profile "${profile}"; known are ${latencyProfileNames.join(", ")}`;
    mistakes.push({ path: [...path, "models", model], message, ...nearest(profile, latencyProfileNames) });
  }
  return mistakes;
}

/** A change that comes over HTTP has no folder to look in. */
function namedFiles({ providers }: MockDocument): readonly Mistake[] {
  return providers.flatMap(({ name, models }) =>
    models.flatMap(({ model, latency }) =>
      latency?.file === undefined
        ? []
        : [
            {
              path: ["providers", name, "models", model],
              message: `names the file ${latency.file}, which is not read here`,
            },
          ],
    ),
  );
}

/** Purchased capacity needs a model whose throughput per unit is known. */
function unitMistakes({ name, dialect, models }: ProviderSpec): readonly Mistake[] {
  const [unit, known] = dialect === "vertex" ? (["gsu", vertexModels] as const) : (["ptu", azureModels] as const);
  return models.flatMap(({ model, provisionedUnits }) => {
    if (provisionedUnits === undefined || known.includes(model)) return [];
    const message = `has no published throughput per ${unit.toUpperCase()}; allowed are ${known.join(", ")}`;
    return [{ path: ["providers", name, "models", model, unit], message, ...nearest(model, known) }];
  });
}

function sameKeys(provider: string, keys: readonly Account[]): readonly Mistake[] {
  const known = keys.map((key) => key.apiKey);
  return known.flatMap((key, index) =>
    known.indexOf(key) === index
      ? []
      : [{ path: ["keys", provider, index, "key"], message: `names the key ${key} a second time` }],
  );
}

/** What `squall mock` serves when it is given no configuration. */
export function defaultMockConfig(): MockConfig {
  return {
    seed: 1,
    timeScale: 1,
    latencyScale: 1,
    streamHeaders: "first-event",
    providers: defaultProviders,
    faults: [],
  };
}
