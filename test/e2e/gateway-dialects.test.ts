/**
 * Every dialect through every gateway that can speak it: one chat, whole and streamed, joined with the call that the mock saw by the marker
 * in its prompt. LiteLLM (690 MB) and TensorZero are tested where they are installed; the integration run installs them.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chat } from "../../cli/probe/client.ts";
import { dialectNames } from "../../cli/probe/findings.ts";
import { setStage, type Stage } from "../../cli/probe/stage.ts";
import { cacheFolder } from "../../gateways/cache.ts";
import type { GatewayDriver } from "../../gateways/driver.ts";
import { litellmDriver } from "../../gateways/litellm/driver.ts";
import { portkeyDriver } from "../../gateways/portkey/driver.ts";
import { tensorzeroDriver } from "../../gateways/tensorzero/driver.ts";

const cacheDir = cacheFolder(process.env);
const drivers: readonly GatewayDriver[] = [portkeyDriver, litellmDriver, tensorzeroDriver];

for (const driver of drivers) {
  const { dialects = dialectNames } = driver;
  const absent = driver !== portkeyDriver && (await driver.installed(cacheDir)) === undefined;
  if (absent)
    console.log(`skipped: ${driver.name} is not installed; \`squall probe --gateway ${driver.name}\` does that`);
  describe.skipIf(absent)(`${driver.name} carries`, () => {
    let stage: Stage;

    beforeAll(async () => {
      stage = await setStage({
        driver,
        cacheDir,
        retries: 0,
        actors: dialects.map((dialect) => ({ name: dialect, dialect, fault: undefined })),
        routing: new Map(dialects.map((dialect) => [dialect, [dialect]])),
        onProgress: (text) => console.log(text),
        signal: new AbortController().signal,
      });
    }, 300_000);

    afterAll(() => stage.close());

    it.each(dialects.flatMap((dialect) => [false, true].map((stream) => ({ dialect, stream }))))(
      "$dialect, streamed: $stream",
      async ({ dialect, stream }) => {
        const key = `${dialect}.${stream ? "s" : "w"}`;
        const asked = { key, model: dialect, stream, inputTokens: 24, outputTokens: 24, leaveAfterMs: 20_000 };
        const seen = await chat(stage.gateway.call(dialect), asked);
        expect(seen).toMatchObject({ status: 200, outcome: "ok", finishReason: "stop", errorTold: false });
        expect(seen.outputTokens).toBe(24);
        // A token of a mock's answer has four characters.
        expect(seen.characters).toBe(96);
        const calls = await stage.callsOf(key);
        expect(calls).toMatchObject([{ provider: dialect, stream, status: 200, outputTokens: 24 }]);
        expect(calls[0]?.cost).toBeGreaterThan(0);
      },
    );
  });
}
