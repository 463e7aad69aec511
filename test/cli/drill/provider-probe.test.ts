import { describe, expect, it } from "vitest";
import { probeProvider } from "../../../cli/drill/provider-probe.ts";
import { readyMessage } from "../../../mock-providers/ready-message.ts";
import { mockUnderTest, testConfig } from "../../mock-providers/mock-under-test.ts";
import { defaultMockConfig } from "../../../mock-providers/config.ts";

const { providers } = defaultMockConfig();
const config = testConfig({ providers });

describe("asking a provider past the gateway", () => {
  it.each(providers)("speaks the dialect of $name, with the key that it takes", async ({ name, dialect, models }) => {
    const { url } = await mockUnderTest(config);
    const ready = readyMessage(url, config).providers[name];
    const model = ready?.model ?? models[0]?.model ?? "";
    const target = { dialect, baseUrl: ready?.baseUrl ?? "", apiKey: ready?.apiKey ?? "", model };
    let nowMs = 1_000;
    const answer = await probeProvider(target, () => (nowMs += 250));
    expect(answer).toEqual({ answers: true, tookMs: 250, detail: "200 after 250 ms" });
    const refused = await probeProvider({ ...target, apiKey: "sk-nobody" }, () => nowMs);
    expect([refused.answers, refused.detail]).toEqual([false, expect.stringMatching(/^40[0-9]$/)]);
  });

  it("takes a limit for an answer, and a fault or a lost connection for none", async () => {
    const { url, control } = await mockUnderTest(config);
    const openai = {
      dialect: "openai",
      baseUrl: `${url}/openai/v1`,
      apiKey: "sk-squall-openai",
      model: "gpt-4o-mini",
    } as const;
    const tell = async (fault: object): Promise<void> => {
      await control("DELETE", "faults");
      await control("POST", "faults", { fault: { provider: "openai", ...fault } });
    };
    const detail = async (): Promise<readonly unknown[]> => {
      const { answers, detail: said } = await probeProvider(openai, () => 0);
      return [answers, said];
    };
    await tell({ kind: "rate-limit-storm" });
    expect(await detail()).toEqual([true, "429"]);
    await tell({ kind: "outage", status: 503 });
    expect(await detail()).toEqual([false, "503"]);
    await tell({ kind: "outage", how: "reset" });
    expect(await detail()).toEqual([false, expect.stringContaining("no connection: ")]);
  });
});
