/** `squall mock`: AI providers that cost nothing, with real wire formats, real limits and real prices. */
import { Command } from "commander";
import { withProfilesRead } from "../../behavior/scenario-input.ts";
import { exitCodes } from "../../core/errors.ts";
import type { Ms } from "../../core/time.ts";
import { defaultMockConfig, type MockConfig, parseMockConfig } from "../../mock-providers/config.ts";
import { defaultBounds, type MockServer, startMock } from "../../mock-providers/server.ts";
import type { CommandContext } from "../context.ts";
import { describeFailure } from "../failure.ts";
import { watchFile } from "../file-watch.ts";
import { readInputFile } from "../input-file.ts";
import { parseConnections, parseDrain, parseLatencyScale, parsePort, parseSeed } from "../options.ts";
import { filesBeside } from "../scenario-input.ts";

interface MockCommandOptions {
  readonly config?: string;
  readonly host: string;
  readonly port: number;
  readonly seed?: number;
  readonly latencyScale?: number;
  readonly drainTimeout: Ms;
  readonly maxConnections: number;
}

/** How long open streams may go on after a request to stop, unless told: most answers are through by then. */
const drainMs = 10_000;

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
    .option(
      "--drain-timeout <duration>",
      "how long open streams may go on after a request to stop",
      parseDrain,
      drainMs,
    )
    .option(
      "--max-connections <number>",
      "connections at once; one more is closed as it comes",
      parseConnections,
      defaultBounds.connectionsMax,
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
journal, ledger), metrics under /metrics, and a page for people at /. With --config, a changed file takes effect at once, or on
SIGHUP; providers of which nothing changed keep their quotas. SIGTERM lets open streams end and exits with 0, Ctrl-C with 130; a
second signal ends it at once.`,
    )
    .action(async (options: MockCommandOptions) => {
      const config = await configOf(options);
      const server = await startMock({
        config,
        host: options.host,
        port: options.port,
        env: context.terminal.env,
        bounds: { connectionsMax: options.maxConnections },
      });
      context.terminal.out(JSON.stringify(server.ready));
      const stopReloading = await reloadOnChange(context, options, server);
      const { signal, onRepeat } = context.interrupts;
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
      stopReloading();
      onRepeat(server.hurry);
      const ended = await server.close(options.drainTimeout);
      context.terminal.out(JSON.stringify({ event: "ended", ...ended }));
      // A supervisor that asks a server to stop gets what it asked for.
      if (signal.reason === "SIGTERM") context.exit(exitCodes.pass);
    });
}

/** Takes the configuration file anew when it changes and on SIGHUP; one that cannot be used is told and changes nothing. */
async function reloadOnChange(
  { terminal, interrupts }: CommandContext,
  options: MockCommandOptions,
  server: MockServer,
): Promise<() => void> {
  const { config: file } = options;
  if (file === undefined) return () => undefined;
  const reload = async (): Promise<void> => {
    try {
      const changes = server.adopt(await configOf(options));
      terminal.out(JSON.stringify({ event: "reloaded", ...changes }));
    } catch (cause) {
      terminal.err(`${describeFailure(cause)}\nsquall: the old configuration stays in force`);
    }
  };
  // One at a time, so that the last one read is the last one taken.
  let reloads: Promise<void> = Promise.resolve();
  const enqueue = (): void => {
    reloads = reloads.then(reload);
  };
  interrupts.onHangUp(enqueue);
  return await watchFile(file, enqueue);
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
  return { ...config, providers: await withProfilesRead(config.providers, filesBeside(file)) };
}
