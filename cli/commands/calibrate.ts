/** `squall calibrate`: what does this gateway itself cost, on this machine? */
import { Command, Option } from "commander";
import { invalidInput } from "../../core/errors.ts";
import { formatDuration, type Ms, secondMs } from "../../core/time.ts";
import { cacheFolder } from "../../gateways/cache.ts";
import { gatewayDriver } from "../../gateways/drivers.ts";
import { calibrateGateway } from "../calibrate/calibrate.ts";
import { profileFile, profileInText } from "../calibrate/profile-file.ts";
import type { CommandContext } from "../context.ts";
import { watchMachine } from "../machine-use.ts";
import { parseCountFrom1, parseWait } from "../options.ts";
import { writeOutputFile } from "../output-file.ts";
import { readFindings } from "../probe/findings-file.ts";
import { startProgress } from "../progress.ts";

interface CalibrateOptions {
  readonly gateway: string;
  readonly probe?: string;
  readonly rounds: number;
  readonly within: Ms;
  readonly out?: string;
  readonly json?: true;
}

/** Unless told otherwise: two rounds of LiteLLM, which is the slowest, and five of the others. */
const withinMs: Ms = 170 * secondMs;

export function calibrateCommand(context: CommandContext): Command {
  return new Command("calibrate")
    .description("measure what a gateway itself costs on this machine, as a profile for the simulator")
    .option("--gateway <name>", "portkey, litellm or tensorzero", "portkey")
    .option("--probe <file>", "findings of squall probe: what it does about failures becomes part of the profile")
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
  $ squall calibrate --gateway litellm --probe litellm.json --out litellm-profile.json

It needs Linux, and a machine that does nothing else: where other programs use part of it, the profile says so. The profiles that the
simulator plays are in behavior/gateway-profiles; a scenario takes one from a file with platform.gateway-profile.`,
    )
    .action(async (options: CalibrateOptions) => {
      const { terminal, interrupts } = context;
      const findings = options.probe === undefined ? undefined : await readFindings(options.probe);
      const progress = startProgress(terminal);
      try {
        progress.step(`calibrating ${options.gateway}`);
        const machineUse = await watchMachine(() => Promise.resolve(undefined));
        const calibration = await calibrateGateway({
          driver: gatewayDriver(options.gateway),
          rounds: options.rounds,
          withinMs: options.within,
          cacheDir: cacheFolder(terminal.env),
          onProgress: (text) => progress.note(text),
          signal: interrupts.signal,
        });
        const { name, version } = calibration.profile;
        if (findings !== undefined && findings.gateway !== `${name} ${version}`) {
          throw invalidInput(`${options.probe} is about ${findings.gateway}, not about ${name} ${version}`, {
            code: "other-gateway-probed",
            hint: `squall probe --gateway ${options.gateway} --out ${options.probe}`,
          });
        }
        const { others = 0 } = await machineUse();
        const file = profileFile({ calibration, findings, others, now: new Date() });
        progress.done();
        if (options.out !== undefined) await writeOutputFile(options.out, `${JSON.stringify(file, null, 2)}\n`);
        terminal.out(options.json === true ? JSON.stringify(file) : profileInText(file));
      } catch (cause) {
        progress.fail();
        throw cause;
      }
    });
}
