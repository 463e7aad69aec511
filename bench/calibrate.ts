/**
 * Measures the gateways that Squall drives, and writes behavior/gateway-profiles/measured.ts: `npm run calibrate`, three minutes for
 * each gateway at most, on a machine that does nothing else; `npm run calibrate -- litellm` measures only that one.
 *
 * The simulator plays what is in that file, so runs and goldens change with it: look at `git diff`, then `npm run fidelity`.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { type GatewayProfile, type MeasuredCosts } from "../behavior/gateway-profile.ts";
import { measuredCosts } from "../behavior/gateway-profiles/measured.ts";

const root = path.join(import.meta.dirname, "..");
const file = path.join(root, "behavior/gateway-profiles/measured.ts");
const known = Object.keys(measuredCosts);

process.exitCode = main(process.argv.slice(2));

function main(names: readonly string[]): number {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`no such gateway: ${unknown.join(", ")}; there are ${known.join(", ")}`);
    return 2;
  }
  const costs = new Map<string, MeasuredCosts>(Object.entries(measuredCosts));
  for (const name of names.length === 0 ? known : names) {
    const measured = calibrate(name);
    if (measured === undefined) return 1;
    costs.set(name, measured);
    writeFileSync(file, sourceOf(costs)); // what was measured stays, whatever happens to the next one
  }
  return 0;
}

/** Undefined where the gateway could not be measured; it has said why. */
function calibrate(name: string): MeasuredCosts | undefined {
  const args = ["bin/squall.mjs", "calibrate", "--gateway", name, "--no-probe", "--json"];
  const { stdout, status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (status !== 0) return undefined;
  const { profile }: { readonly profile: GatewayProfile } = JSON.parse(stdout);
  const { name: _name, failover: _failover, cancelsUpstream: _cancels, status: _status, ...costs } = profile;
  console.error(`${name}: ${JSON.stringify(costs)}`);
  return costs;
}

function sourceOf(costs: ReadonlyMap<string, MeasuredCosts>): string {
  const sorted = [...costs].toSorted(([left], [right]) => (left < right ? -1 : 1));
  const fields = (values: MeasuredCosts): readonly string[] =>
    Object.entries(values).map(([field, value]) => `    ${field}: ${JSON.stringify(value)},`);
  return [
    "/** What gateways cost by themselves, as `npm run calibrate` measured it: it writes this file, nobody else does. */",
    'import type { MeasuredCosts } from "../gateway-profile.ts";',
    "",
    "export const measuredCosts: {",
    ...sorted.map(([name]) => `  readonly ${name}: MeasuredCosts;`),
    "} = {",
    ...sorted.flatMap(([name, values]) => [`  ${name}: {`, ...fields(values), "  },"]),
    "};",
    "",
  ].join("\n");
}
