/**
 * The main job on every gateway with every load engine: ten people, compared with one. Each takes a minute, so they are played where
 * somebody asks for them, on a machine that does nothing else.
 */
import { describe, expect, it } from "vitest";
import { cacheFolder } from "../../gateways/cache.ts";
import { gatewayDriver } from "../../gateways/drivers.ts";
import { findK6 } from "../../load/k6/find.ts";
import { withRealPortkey } from "./real-portkey.ts";
import { squall } from "./squall-process.ts";

const wanted = process.env["SQUALL_TEST_TEN_USERS"] === "all";
const cacheDir = cacheFolder(process.env);
const k6 = await findK6({ env: process.env, cacheDir }).catch(() => undefined);
const engines = k6 === undefined ? ["native"] : ["native", "k6"];
const litellm = await gatewayDriver("litellm").installed(cacheDir);
const gateways = litellm === undefined ? ["portkey"] : ["portkey", "litellm"];
const matrix = gateways.flatMap((gateway) => engines.map((engine) => ({ gateway, engine })));
if (!wanted) console.log(`skipped: ${matrix.length} runs of a minute each; SQUALL_TEST_TEN_USERS=all plays them`);

if (wanted) withRealPortkey();

describe.skipIf(!wanted)("ten people at once", () => {
  it.each(matrix)(
    "wait no longer than one alone: through $gateway, by $engine",
    async ({ gateway, engine }) => {
      const args = [
        "run",
        "scenarios/ten-users.yaml",
        "--gateway",
        gateway,
        "--engine",
        engine,
        "--no-simulation",
        "--json",
      ];
      const { code, stdout } = await squall(args, { withinMs: 170_000 });
      const { findings } = JSON.parse(stdout);
      expect({
        code,
        findings: findings.filter(
          ({ judgement }: { judgement?: string }) => judgement !== undefined && judgement !== "pass",
        ),
      }).toEqual({ code: 0, findings: [] });
    },
    180_000,
  );
});
