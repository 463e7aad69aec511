/** `squall doctor`: what this machine has, what Squall needs of it, and how to get what is missing. */
import { access, constants, mkdir, statfs } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { Command } from "commander";
import { genaiPricesName } from "../../behavior/price/genai-prices.ts";
import { exitCodes } from "../../core/errors.ts";
import { cacheFolder } from "../../gateways/cache.ts";
import { gatewayDrivers } from "../../gateways/drivers.ts";
import type { CommandContext } from "../context.ts";
import { squallVersion } from "../version.ts";

interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** A check that may fail without anything else failing. */
  readonly optional: boolean;
  readonly found: string;
  readonly hint?: string;
}

/** Least free space for gateways in the cache. */
const cacheBytesMin = 200 * 2 ** 20;

export function doctorCommand(context: CommandContext): Command {
  return new Command("doctor")
    .description("say what this machine has, and how to get what is missing")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      "\nExamples:\n  $ squall doctor\n  $ squall doctor --json | jq '.checks[] | select(.ok | not)'",
    )
    .action(async (options: { readonly json?: boolean }) => {
      const cache = cacheFolder(context.terminal.env);
      const checks = [
        nodeCheck(),
        machineCheck(),
        await cacheCheck(cache),
        pricesCheck(),
        ...(await gatewayChecks(cache)),
      ];
      const ready = checks.every((check) => check.ok || check.optional);
      if (options.json === true) context.terminal.out(JSON.stringify({ ready, checks }));
      else for (const line of checks.flatMap(checkLines)) context.terminal.out(line);
      context.exit(ready ? exitCodes.pass : exitCodes.environment);
    });
}

function checkLines(check: Check): string[] {
  const mark = check.ok ? "✓" : check.optional ? "·" : "✗";
  const line = `${mark} ${check.name.padEnd(18)} ${check.found}`;
  return check.ok || check.hint === undefined ? [line] : [line, `  ${" ".repeat(18)} ${check.hint}`];
}

function nodeCheck(): Check {
  const major = Number(process.versions.node.split(".")[0]);
  return {
    name: "node",
    ok: major >= 24,
    optional: false,
    found: `${process.version} (squall ${squallVersion()})`,
    hint: "run through `npx squall` or `npm start`: they bring Node 24 along",
  };
}

function machineCheck(): Check {
  const count = cpus().length;
  const gib = Math.round(totalmem() / 2 ** 30);
  return {
    name: "machine",
    ok: count >= 2,
    optional: true,
    found: `${count} CPU${count === 1 ? "" : "s"}, ${gib} GiB memory, ${process.platform} ${process.arch}`,
    hint: "live runs share one CPU between load engine, gateway and mocks; expect inconclusive verdicts",
  };
}

async function cacheCheck(cache: string): Promise<Check> {
  const about = { name: "cache", optional: false, hint: "set SQUALL_CACHE_DIR to a folder that this user may write" };
  try {
    await mkdir(cache, { recursive: true });
    await access(cache, constants.W_OK);
    const { bavail, bsize } = await statfs(cache);
    const free = bavail * bsize;
    return { ...about, ok: free >= cacheBytesMin, found: `${cache}, ${Math.round(free / 2 ** 20)} MiB free` };
  } catch (cause) {
    return { ...about, ok: false, found: `${cache}: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

function pricesCheck(): Check {
  return { name: "prices", ok: true, optional: false, found: genaiPricesName };
}

async function gatewayChecks(cache: string): Promise<Check[]> {
  return await Promise.all(
    Object.values(gatewayDrivers).map(async (driver) => {
      const version = await driver.installed(cache);
      return {
        name: `gateway ${driver.name}`,
        ok: version !== undefined,
        optional: true,
        found: version ?? "not installed",
        hint: `installed on first use: squall run scenarios/ten-users.yaml --gateway ${driver.name}`,
      };
    }),
  );
}
