/**
 * A provider's outage with another to fall back to, live beside its simulation, through each gateway: do both call as often, and does nobody
 * see an error? A minute each, so played where somebody asks for it. Counts hold on a busy machine too; what it took is for a quiet one.
 */
import { describe, expect, it } from "vitest";
import { cacheFolder } from "../../gateways/cache.ts";
import { gatewayDriver } from "../../gateways/drivers.ts";
import { withRealPortkey } from "./real-portkey.ts";
import { squall } from "./squall-process.ts";

const wanted = process.env["SQUALL_TEST_FAILOVER"] === "all";
if (!wanted) console.log("skipped: an outage through each gateway, a minute each; SQUALL_TEST_FAILOVER=all plays them");

const named = ["portkey", "litellm", "tensorzero"];
const installed = await Promise.all(named.map((name) => gatewayDriver(name).installed(cacheFolder(process.env))));
const gateways = named.filter((name, index) => name === "portkey" || installed[index] !== undefined);

if (wanted) withRealPortkey();

interface Row {
  readonly metric: string;
  readonly live: number;
  readonly simulated: number;
}

describe.skipIf(!wanted)("an outage with a fallback", () => {
  it.each(gateways)(
    "leads %s to as many calls as its simulation, and to no error in either",
    async (gateway) => {
      const args = ["run", "scenarios/provider-outage.yaml", "--gateway", gateway, "--json"];
      const { stdout, stderr } = await squall(args, { withinMs: 200_000 });
      expect(stdout, stderr).not.toBe("");
      const rows: readonly Row[] = JSON.parse(stdout).fidelity.rows;
      const figure = (metric: string): Row =>
        rows.find((row) => row.metric === metric) ?? expect.unreachable(`${metric} was not compared`);
      const requests = figure("requests");
      expect(figure("outcome.ok")).toMatchObject({ live: requests.live, simulated: requests.simulated });
      const { live, simulated } = figure("upstream.repeated");
      expect(live).toBeGreaterThan(30);
      expect(Math.abs(simulated / live - 1)).toBeLessThan(0.1);
    },
    220_000,
  );
});
