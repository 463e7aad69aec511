/** `squall mock`: AI providers that cost nothing, with real wire formats, real limits and real prices. */
import { Command } from "commander";
import { exitCodes } from "../../core/errors.ts";
import { defaultMockConfig, type MockConfig, parseMockConfig } from "../../mock-providers/config.ts";
import { startMock } from "../../mock-providers/server.ts";
import type { CommandContext } from "../context.ts";
import { readInputFile } from "../input-file.ts";
import { withProfilesRead } from "../latency-files.ts";
import { parseLatencyScale, parsePort, parseSeed } from "../options.ts";

interface MockCommandOptions {
  readonly config?: string;
  readonly host: string;
  readonly port: number;
  readonly seed?: number;
  readonly latencyScale?: number;
}

/** How long open streams may go on after a request to stop. */
const drainMs = 2_000;

export function mockCommand(context: CommandContext): Command {
  return new Command("mock")
    .description("serve mock AI providers: real wire formats, real limits, real prices, no bill")
    .option("--config <file>", "providers, models, keys and their limits (YAML or JSON)")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on, 0 picks a free one", parsePort, 9_100)
    .option("--seed <number>", "seed of latencies, answers and faults", parseSeed)
    .option(
      "--latency-scale <factor>",
      "multiply every planned time: 0.1 is ten times as fast, 0 answers at once",
      parseLatencyScale,
    )
    .addHelpText(
      "after",
      `
Examples:
  $ squall mock --port 9100
  $ squall mock --port 0 --latency-scale 0 --seed 7

  $ curl http://127.0.0.1:9100/openai/v1/chat/completions -H 'authorization: Bearer sk-squall-openai' \\
      -H 'content-type: application/json' -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hi"}]}'

The first line on standard output is JSON: where it listens, and each provider's base URL and keys. tightApiKey is
limited to 3 requests in 5 s, so that a 429 is easy to see. Control is under /_squall/ (health, config, faults, reset,
journal, ledger), metrics under /metrics. SIGTERM ends it with exit code 0, Ctrl-C with 130.`,
    )
    .action(async (options: MockCommandOptions) => {
      const config = await configOf(options);
      const server = await startMock({ config, host: options.host, port: options.port });
      context.terminal.out(JSON.stringify(server.ready));
      const { signal } = context.interrupts;
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      await server.close(drainMs);
      // A supervisor that asks a server to stop gets what it asked for.
      if (signal.reason === "SIGTERM") context.exit(exitCodes.pass);
    });
}

async function configOf(options: MockCommandOptions): Promise<MockConfig> {
  const written = options.config === undefined ? defaultMockConfig() : await readConfig(options.config);
  return {
    ...written,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.latencyScale === undefined ? {} : { latencyScale: options.latencyScale }),
  };
}

async function readConfig(file: string): Promise<MockConfig> {
  const config = parseMockConfig(await readInputFile(file), file, "read-by-caller");
  return { ...config, providers: await withProfilesRead(config.providers, file) };
}
