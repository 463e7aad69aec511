/** `squall import session`: a profile and a request mix from a recorded session with a real provider. */
import { Command } from "commander";
import { stringify } from "yaml";
import { requestMixOf } from "../../behavior/traffic/request-mix-of.ts";
import type { CommandContext } from "../context.ts";
import { fitLog, parseProfileName, writeProfile } from "../latency-fit.ts";
import { latencyFitText } from "../latency-fit-text.ts";

interface ImportSessionOptions {
  readonly model?: string;
  readonly name?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function importSessionCommand(context: CommandContext): Command {
  return new Command("session")
    .description("fit a latency profile and a request mix to a recorded session with a real provider")
    .argument("<file>", "HAR, or JSON lines of calls with their times and usage")
    .option("--model <name>", "only calls of this model")
    .option("--name <name>", "name of the profile; default: that of the file", parseProfileName)
    .option("--out <file>", "write the profile here (.yaml or .json); default: print it")
    .option("--json", "print one JSON document: profile, request mix, goodness of fit, notes")
    .addHelpText(
      "after",
      `
Examples:
  $ squall import session recorded.har --name my-gpt-4o --out profiles/my-gpt-4o.yaml
  $ squall import session calls.jsonl --model gpt-4o-mini --json | jq .requests

Nothing secret is kept: no header, no key, no cookie, no address, no prompt, no answer; only numbers and the model's name.
A line of calls.jsonl: {"model":"gpt-4o","ttft_ms":412,"total_ms":1890,"usage":{"prompt_tokens":900,"completion_tokens":120}}`,
    )
    .action(async (file: string, options: ImportSessionOptions) => {
      const given = { ...options, format: "session" } as const;
      const { source, log, fit, words } = await fitLog(file, given, context.interrupts.signal);
      const { terminal } = context;
      const model = options.model ?? log.models[0]?.model ?? "your-model";
      const requests = [requestMixOf(log.samples, model)];
      if (options.out !== undefined) await writeProfile(options.out, words);
      if (options.json === true) {
        const { calls, ttft, perToken, families, notes } = fit;
        const { leftOut, models } = log;
        terminal.out(
          JSON.stringify({
            profile: words,
            requests,
            fit: { calls, ttft, perToken, families },
            leftOut,
            models,
            notes,
          }),
        );
        return;
      }
      terminal.out(latencyFitText(source, log, fit, terminal.width));
      terminal.out(`\nwhat was asked for, for traffic.requests of a scenario\n${stringify(requests).trimEnd()}`);
      terminal.out(options.out === undefined ? `\n${stringify(words).trimEnd()}` : `\nwritten to ${options.out}`);
    });
}
