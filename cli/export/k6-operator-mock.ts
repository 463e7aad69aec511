/** The mocked providers of a scenario, for a cluster. */
import { configInWords } from "../../mock-providers/config-words.ts";
import { usageError } from "../../core/errors.ts";
import { baseUrlOf } from "../../mock-providers/ready-message.ts";
import { providerAccounts, providerKey } from "../../behavior/provider-accounts.ts";
import { readScenario } from "../scenario-input.ts";
import type { MockDeployment } from "./k6-operator.ts";

export interface ExportedMock extends MockDeployment {
  /** The key that requests are sent with. */
  readonly apiKey: string;
}

/** Throws `dialect-not-routed` when no provider speaks what the clients of a plan speak. */
export async function exportedMock(
  scenarioFile: string,
  { mockImage, timeScale }: { readonly mockImage: string; readonly timeScale: number },
): Promise<ExportedMock> {
  const { scenario } = await readScenario(scenarioFile);
  const spoken = scenario.providers.find(({ dialect }) => dialect === "openai");
  if (spoken === undefined) {
    throw usageError(`scenario "${scenario.name}" has no provider of dialect openai, which is what clients speak`, {
      code: "dialect-not-routed",
      hint: "give the TestRun a gateway with --target, and a provider of dialect openai to the scenario",
    });
  }
  return {
    image: mockImage,
    config: configInWords({
      seed: scenario.seed,
      timeScale,
      latencyScale: 1,
      streamHeaders: "first-event", // k6 sees first bytes only
      providers: scenario.providers.map((spec) => ({ ...spec, keys: providerAccounts(spec) })),
      faults: [],
    }),
    basePath: baseUrlOf("", spoken),
    apiKey: providerKey(spoken),
  };
}
