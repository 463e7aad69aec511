/** `squall probe`: what does this gateway do when its providers fail? */
import { Command } from "commander";
import { exitCodes, usageError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import type { Dialect } from "../../core/scenario/provider-spec.ts";
import { cacheFolder } from "../../gateways/cache.ts";
import { gatewayDriver } from "../../gateways/drivers.ts";
import type { CommandContext } from "../context.ts";
import { parseRetries } from "../options.ts";
import { writeOutputFile } from "../output-file.ts";
import { differencesBetween, differencesInText } from "../probe/compare.ts";
import { readFindings } from "../probe/findings-file.ts";
import { dialectNames, type ProbeFindings } from "../probe/findings.ts";
import { findingsInText } from "../probe/present.ts";
import { probeGateway } from "../probe/probe.ts";
import { startProgress } from "../progress.ts";

interface ProbeOptions {
  readonly gateway: string;
  readonly dialects: readonly Dialect[];
  readonly retries: number;
  readonly out?: string;
  readonly json?: true;
  readonly diff?: string;
  readonly installOnly?: true;
}

export function probeCommand(context: CommandContext): Command {
  return new Command("probe")
    .description("find out by experiment what a gateway does when its providers fail, and what clients see of it")
    .argument("[other]", "with --diff: findings from after the change")
    .option("--gateway <name>", "portkey, litellm or tensorzero", "portkey")
    .option("--dialects <names>", "comma-separated dialects of the providers, or all", parseDialects, [
      "openai",
      "anthropic",
    ])
    .option("--retries <number>", "retries that the gateway is asked for", parseRetries, 2)
    .option("--out <file>", "write the findings as JSON")
    .option("--install-only", "install the gateway into the cache, for work without a network, and probe nothing")
    .option("--diff <file>", "compare findings: this file is from before the change")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  $ squall probe --gateway portkey
  $ squall probe --gateway litellm --dialects all --out litellm.json
  $ squall probe --diff before.json after.json

The providers are Squall's own mocks on this machine, each with a fault of its own. It takes half a minute to a minute. A
comparison ends with 4 when anything is different.`,
    )
    .action(async (other: string | undefined, options: ProbeOptions) => {
      if (options.installOnly === true) await installOnly(context, options.gateway);
      else if (options.diff !== undefined) await compare(context, options.diff, other, options.json === true);
      else await show(context, options, await probed(context, options));
    });
}

async function installOnly({ terminal, interrupts }: CommandContext, gateway: string): Promise<void> {
  const progress = startProgress(terminal);
  const version = await gatewayDriver(gateway).install(cacheFolder(terminal.env), progress.note, interrupts.signal);
  terminal.out(`${gateway} ${version} is installed`);
}

async function probed(context: CommandContext, options: ProbeOptions): Promise<ProbeFindings> {
  const driver = gatewayDriver(options.gateway);
  if (["direct", "url", "container", "kubernetes"].includes(driver.name)) {
    throw usageError(`squall probe needs a gateway that it can start and configure; "${options.gateway}" is none`, {
      code: "not-probed",
      hint: "give portkey, litellm or tensorzero",
    });
  }
  const progress = startProgress(context.terminal);
  try {
    progress.step(`probing ${options.gateway}`);
    const dialects = options.dialects.filter((dialect) => driver.dialects?.includes(dialect) !== false);
    for (const dialect of options.dialects) {
      if (!dialects.includes(dialect))
        progress.note(`${driver.name} cannot be pointed at providers of dialect ${dialect}`);
    }
    const findings = await probeGateway({
      driver,
      dialects,
      retries: options.retries,
      cacheDir: cacheFolder(context.terminal.env),
      onProgress: (text) => progress.note(text),
      signal: context.interrupts.signal,
    });
    progress.done();
    return findings;
  } catch (cause) {
    progress.fail();
    throw cause;
  }
}

async function show(context: CommandContext, options: ProbeOptions, findings: ProbeFindings): Promise<void> {
  const { terminal } = context;
  if (options.out !== undefined) await writeOutputFile(options.out, `${JSON.stringify(findings, null, 2)}\n`);
  terminal.out(options.json === true ? JSON.stringify(findings) : findingsInText(findings, terminal.width));
}

async function compare(
  context: CommandContext,
  before: string,
  after: string | undefined,
  json: boolean,
): Promise<void> {
  if (after === undefined) {
    throw usageError("--diff compares two files, and one is given", {
      code: "one-file-to-compare",
      hint: "squall probe --diff before.json after.json",
    });
  }
  const differences = differencesBetween(await readFindings(before), await readFindings(after));
  context.terminal.out(json ? JSON.stringify({ differences }) : differencesInText(differences));
  context.exit(differences.length === 0 ? exitCodes.pass : exitCodes.objectiveMissed);
}

function parseDialects(text: string): readonly Dialect[] {
  if (text === "all") return dialectNames;
  return text.split(",").map((name) => {
    const dialect = dialectNames.find((each) => each === name.trim());
    if (dialect !== undefined) return dialect;
    throw usageError(`unknown dialect "${name}"; allowed: all, ${dialectNames.join(", ")}`, {
      code: "unknown-dialect",
      ...nearest(name, dialectNames),
    });
  });
}
