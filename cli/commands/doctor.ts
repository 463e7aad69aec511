/** `squall doctor`: what this machine has, what Squall needs of it, and how to get what is missing. */
import { access, constants, mkdir, statfs } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { Command } from "commander";
import { engineNames, engineSpec } from "../../behavior/latency/batching/engines.ts";
import { latencyProfile, latencyProfileNames } from "../../behavior/latency/profiles.ts";
import { genaiPricesName } from "../../behavior/price/genai-prices.ts";
import { quotaTiers, tiers } from "../../behavior/quota/tiers/tiers.ts";
import { exitCodes } from "../../core/errors.ts";
import { cacheFolder } from "../../gateways/cache.ts";
import { freePort, loopback } from "../../gateways/child/loopback-port.ts";
import { connectDocker, dockerInstall } from "../../gateways/docker/docker.ts";
import { gatewayDrivers } from "../../gateways/drivers.ts";
import { findHaproxy, haproxyInstall } from "../../gateways/haproxy/binary.ts";
import { findPrometheus, prometheusInstall } from "../../gateways/prometheus/binary.ts";
import { findKubectl, kubectlInstall } from "../../gateways/kubernetes/kubectl.ts";
import { findNpmCli } from "../../gateways/npm/npm-cli.ts";
import { findK6, type K6Search, k6Version, programOnPath } from "../../load/k6/find.ts";
import type { CommandContext } from "../context.ts";
import { readyEngine } from "../load-engine.ts";
import { squallVersion } from "../version.ts";

interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** A check that may fail without anything else failing. */
  readonly optional: boolean;
  readonly found: string;
  /** What to do about it; absent when there is nothing to do. */
  readonly hint?: string;
}

/** Least free space for gateways in the cache. */
const cacheBytesMin = 200 * 2 ** 20;

export function doctorCommand({ terminal, interrupts, exit }: CommandContext): Command {
  return new Command("doctor")
    .description("say what this machine has, and how to get what is missing")
    .option("--json", "print one JSON document")
    .option("--build-k6", "build k6 into the cache first, if there is none (needs Go)")
    .addHelpText(
      "after",
      `
Examples:
  $ squall doctor
  $ squall doctor --json | jq '.checks[] | select(.ok | not)'
  $ squall doctor --build-k6

✓ is there, · is missing and not always needed, ✗ is missing: then it ends with exit code 5.`,
    )
    .action(async (options: { readonly json?: boolean; readonly buildK6?: boolean }) => {
      if (options.buildK6 === true) {
        const { signal } = interrupts;
        await readyEngine("k6", { env: terminal.env, onProgress: (text) => terminal.err(`· ${text}`), signal });
      }
      const cache = cacheFolder(terminal.env);
      const checks = [
        nodeCheck(),
        machineCheck(),
        await loopbackCheck(),
        await cacheCheck(cache),
        npmCheck(terminal.env),
        ...(await gatewayChecks(cache)),
        await k6Check({ env: terminal.env, cacheDir: cache }),
        await haproxyCheck(terminal.env),
        await dockerCheck(),
        await kubectlCheck(terminal.env),
        await prometheusCheck(terminal.env),
        informationOf("prices", genaiPricesName),
        informationOf("quota tiers", `${quotaTiers.names.length}, listed in docs/quota-tiers.md`),
        informationOf("latency profiles", latencyProfileNames.join(", ")),
        informationOf("engines", engineNames.join(", ")),
      ];
      const ready = checks.every((check) => check.ok || check.optional);
      if (options.json === true)
        terminal.out(JSON.stringify({ ready, checks, latencyProfiles: latencyProfiles(), quotaTiers: tiers }));
      else for (const line of checks.flatMap(checkLines)) terminal.out(line);
      exit(ready ? exitCodes.pass : exitCodes.environment);
    });
}

const nameWidth = 18;

function checkLines({ name, ok, optional, found, hint }: Check): string[] {
  const mark = ok ? "✓" : optional ? "·" : "✗";
  const line = `${mark} ${name.padEnd(nameWidth)} ${found}`;
  return hint === undefined ? [line] : [line, `  ${" ".repeat(nameWidth)} hint: ${hint}`];
}

/** The hint belongs to a check that failed. */
function checked(check: Required<Check>): Check {
  const { hint, ...rest } = check;
  return check.ok ? rest : { ...rest, hint };
}

function informationOf(name: string, found: string): Check {
  return { name, ok: true, optional: true, found };
}

function nodeCheck(): Check {
  return checked({
    name: "node",
    ok: Number(process.versions.node.split(".")[0]) >= 24,
    optional: false,
    found: `${process.version} (squall ${squallVersion()})`,
    hint: "run through `npx squall` or `npm start`: they bring Node 24 along",
  });
}

function machineCheck(): Check {
  const count = cpus().length;
  const gib = Math.round(totalmem() / 2 ** 30);
  return checked({
    name: "machine",
    ok: count >= 2,
    optional: true,
    found: `${count} CPU${count === 1 ? "" : "s"}, ${gib} GiB memory, ${process.platform} ${process.arch}`,
    hint: "live runs share one CPU between load engine, gateway and mocks; expect inconclusive verdicts",
  });
}

async function loopbackCheck(): Promise<Check> {
  const about = { name: "loopback", optional: false, hint: "live runs listen on 127.0.0.1; allow this user to do so" };
  return await freePort().then(
    () => checked({ ...about, ok: true, found: `${loopback} has free ports` }),
    (cause: unknown) => checked({ ...about, ok: false, found: `${loopback} cannot be listened on: ${String(cause)}` }),
  );
}

async function cacheCheck(cache: string): Promise<Check> {
  const about = { name: "cache", optional: false, hint: "set SQUALL_CACHE_DIR to a folder that this user may write" };
  try {
    await mkdir(cache, { recursive: true });
    await access(cache, constants.W_OK);
    const { bavail, bsize } = await statfs(cache);
    const free = bavail * bsize;
    return checked({ ...about, ok: free >= cacheBytesMin, found: `${cache}, ${Math.round(free / 2 ** 20)} MiB free` });
  } catch (cause) {
    return checked({ ...about, ok: false, found: cause instanceof Error ? cause.message : String(cause) });
  }
}

/** Needed until the gateways are installed, and not for `direct`. */
function npmCheck(env: CommandContext["terminal"]["env"]): Check {
  const about = { name: "npm", optional: true, hint: "gateways are installed with it; install Node.js with npm" };
  try {
    return checked({ ...about, ok: true, found: findNpmCli(env) });
  } catch {
    return checked({ ...about, ok: false, found: "not found" });
  }
}

async function gatewayChecks(cache: string): Promise<Check[]> {
  return await Promise.all(
    gatewayDrivers.map(async ({ name, installed }) => {
      const version = await installed(cache);
      return checked({
        name: `gateway ${name}`,
        ok: version !== undefined,
        optional: true,
        found: version ?? "not installed",
        hint: `it is installed on first use: squall run scenarios/ten-users.yaml --gateway ${name}`,
      });
    }),
  );
}

/** Only a live run with several replicas needs it. */
async function haproxyCheck(env: CommandContext["terminal"]["env"]): Promise<Check> {
  const haproxy = await findHaproxy(env);
  return checked({
    name: "haproxy",
    ok: haproxy !== undefined,
    optional: true,
    found: haproxy === undefined ? "not found" : `${haproxy.version}, ${haproxy.file}`,
    hint: `${haproxyInstall}; only live runs with replicas, scaling or events need it`,
  });
}

/** Only `squall run --metrics prometheus` needs it. */
async function prometheusCheck(env: CommandContext["terminal"]["env"]): Promise<Check> {
  const prometheus = await findPrometheus(env);
  return checked({
    name: "prometheus",
    ok: prometheus !== undefined,
    optional: true,
    found: prometheus === undefined ? "not found" : `${prometheus.version}, ${prometheus.file}`,
    hint: `${prometheusInstall}; only runs with --metrics prometheus need it`,
  });
}

/** Only replicas in containers need it. */
async function dockerCheck(): Promise<Check> {
  const about = { name: "docker", optional: true, hint: `${dockerInstall}; only replicas in containers need it` };
  return await connectDocker().then(
    ({ description, machineAddress: at }) =>
      checked({ ...about, ok: true, found: `${description}${at === undefined ? "" : `, containers reach ${at}`}` }),
    (cause: unknown) => checked({ ...about, ok: false, found: cause instanceof Error ? cause.message : String(cause) }),
  );
}

/** Only a fleet of pods needs it. */
async function kubectlCheck(env: CommandContext["terminal"]["env"]): Promise<Check> {
  const kubectl = await findKubectl(env);
  return checked({
    name: "kubectl",
    ok: kubectl !== undefined,
    optional: true,
    found: kubectl === undefined ? "not found" : `${kubectl.version}, ${kubectl.file}`,
    hint: `${kubectlInstall}; only gateways in a cluster need it`,
  });
}

/** Only `--engine k6` needs it. */
async function k6Check(search: K6Search): Promise<Check> {
  const go = programOnPath("go", search.env);
  const way =
    go === undefined
      ? `install k6 ${k6Version} or newer and name it in K6_BINARY, or install Go, which builds it`
      : `it is built with ${go} on first use: squall run scenarios/ten-users.yaml --engine k6`;
  const about = {
    name: "k6",
    optional: true,
    hint: `${way}; the native engine, which is the default, does not need it`,
  };
  try {
    const k6 = await findK6(search);
    const found = k6 === undefined ? "not found" : `${k6.version} from ${k6.from}, ${k6.binary}`;
    return checked({ ...about, ok: k6 !== undefined, found });
  } catch (cause) {
    return checked({ ...about, ok: false, found: cause instanceof Error ? cause.message : String(cause) });
  }
}

/** What a scenario may name as `latency`, and where each comes from. */
function latencyProfiles(): readonly object[] {
  const listed = [...latencyProfileNames.map(latencyProfile), ...engineNames.map(engineSpec)];
  return listed.map(({ name, status, source }) => ({ name, status, source }));
}
