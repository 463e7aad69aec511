/** `squall calibrate`: what does this gateway itself cost, on this machine? */
import { Command, Option } from "commander";
import { invalidInput } from "../../core/errors.ts";
import { formatDuration, type Ms, secondMs } from "../../core/time.ts";
import { cacheFolder } from "../../gateways/cache.ts";
import { gatewayDriver } from "../../gateways/drivers.ts";
import { type Calibration, calibrateGateway } from "../calibrate/calibrate.ts";
import { profileFile, profileInText } from "../calibrate/profile-file.ts";
import type { CommandContext } from "../context.ts";
import { watchMachine } from "../machine-use.ts";
import { parseCountFrom1, parseWait } from "../options.ts";
import { writeOutputFile } from "../output-file.ts";
import type { ProbeFindings } from "../probe/findings.ts";
import { readFindings } from "../probe/findings-file.ts";
import { probeGateway } from "../probe/probe.ts";
import { startProgress } from "../progress.ts";

interface CalibrateOptions {
  readonly gateway: string;
  /** undefined: it is probed; false: it is not. */
  readonly probe?: string | false;
  readonly rounds: number;
  readonly within: Ms;
  readonly out?: string;
  readonly json?: true;
}

/** As `squall probe` asks for unless told otherwise. */
const retries = 2;
/** Unless told otherwise: two rounds of LiteLLM, which is the slowest, and five of the others. */
const withinMs: Ms = 170 * secondMs;

export function calibrateCommand(context: CommandContext): Command {
  return new Command("calibrate")
    .description("measure what a gateway itself costs on this machine, as a profile for the simulator")
    .option("--gateway <name>", "portkey, litellm or tensorzero", "portkey")
    .option(
      "--probe <file>",
      "what it does about failures, from these findings of squall probe, in place of a probe of its own",
    )
    .option("--no-probe", "leave failures as they are: half a minute less")
    .option("--rounds <number>", "times that everything is measured; the medians count", parseCountFrom1(50), 5)
    .addOption(
      new Option("--within <duration>", "no round is begun that would not end by then")
        .argParser(parseWait)
        .default(withinMs, formatDuration(withinMs)),
    )
    .option("--out <file>", "write the profile as JSON")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  $ squall calibrate --gateway portkey
  $ squall calibrate --gateway litellm --out litellm-profile.json
  $ squall calibrate --gateway litellm --probe litellm.json --out litellm-profile.json

What it does about failures is found out by a probe, at the end. It needs Linux, and a machine that does nothing else: where other programs use part of it, the profile says so. The profiles that the
simulator plays are in behavior/gateway-profiles; a scenario takes one from a file with platform.gateway-profile.`,
    )
    .action((options: CalibrateOptions) => calibrate(context, options));
}

async function calibrate({ terminal, interrupts }: CommandContext, options: CalibrateOptions): Promise<void> {
  const { gateway, probe, rounds, within: withinMs } = options;
  const driver = gatewayDriver(gateway);
  const given = probe === undefined || probe === false ? undefined : await readFindings(probe);
  const progress = startProgress(terminal);
  const { signal } = interrupts;
  const choices = { driver, cacheDir: cacheFolder(terminal.env), onProgress: progress.note, signal };
  try {
    progress.step(`calibrating ${gateway}`);
    const machineUse = await watchMachine(() => Promise.resolve(undefined));
    const calibration = await calibrateGateway({ ...choices, rounds, withinMs });
    const { others = 0 } = await machineUse();
    if (given !== undefined) assertSameGateway(given, calibration, options);
    if (probe === undefined) progress.step(`probing ${gateway}`);
    const found = probe === undefined ? await probeGateway({ ...choices, dialects: ["openai"], retries }) : given;
    const file = profileFile({ calibration, findings: found, others, now: new Date() });
    progress.done();
    if (options.out !== undefined) await writeOutputFile(options.out, `${JSON.stringify(file, null, 2)}\n`);
    terminal.out(options.json === true ? JSON.stringify(file) : profileInText(file));
  } catch (cause) {
    progress.fail();
    throw cause;
  }
}

function assertSameGateway(given: ProbeFindings, { profile }: Calibration, { gateway, probe }: CalibrateOptions): void {
  const measured = `${profile.name} ${profile.version}`;
  if (given.gateway === measured) return;
  throw invalidInput(`${probe} is about ${given.gateway}, not about ${measured}`, {
    code: "other-gateway-probed",
    hint: `squall probe --gateway ${gateway} --out ${probe}`,
  });
}
