/** `squall serve`: the game-day console and the planning board in a browser. */
import { existsSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { exitCodes, invalidInput, SquallError } from "../../core/errors.ts";
import type { CommandContext } from "../context.ts";
import { describeFailure } from "../failure.ts";
import { aborted } from "../interrupt.ts";
import { parsePort, parseTimeScale } from "../options.ts";
import { packageFile } from "../package-root.ts";
import type { PlayDrill } from "../serve/game-day-room.ts";
import { offeredRunbooks } from "../serve/offers.ts";
import { playOnConsole, prepareDrill } from "../serve/play-drill.ts";
import { startServing } from "../serve/serve.ts";
import { sharedFile } from "../serve/shared-files.ts";
import { addressLines } from "../serve/words.ts";

interface ServeCommandOptions {
  readonly host: string;
  readonly port: number;
  readonly runbooks?: readonly string[];
  readonly scenarios?: string;
  readonly timeScale: number;
  readonly json?: boolean;
}

export function serveCommand(context: CommandContext): Command {
  return new Command("serve")
    .description("the game-day console and the planning board in a browser")
    .option("--host <address>", "address to listen on; only this machine unless given", "127.0.0.1")
    .option("--port <number>", "port to listen on, 0 picks a free one", parsePort, 9_200)
    .option("--runbooks <folders...>", "runbooks that can be drilled; runbooks/ here, or those that come with Squall")
    .option("--scenarios <folder>", "scenarios of the planning board; scenarios/ here, or those that come with Squall")
    .option("--time-scale <factor>", "of live drills: the scenario's world, so many times as fast", parseTimeScale, 1)
    .option("--json", "print the addresses as one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  $ squall serve
  $ squall serve --port 0 --runbooks runbooks our-runbooks

It prints an address for each seat: the incident lead begins and ends drills and approves, the responder acknowledges, decides
and attests, the observer reads and takes notes. Whoever has an address has the seat; the keys in them are new with every
start. A drill leaves its folder under squall-runs, as squall drill does. Ctrl-C ends it: a drill that is played first takes
back what it did.`,
    )
    .action((options: ServeCommandOptions) => serve(context, options));
}

/** The file of a scenario that was chosen in a page. Throws `scenario-unknown`. */
async function offeredScenario(folder: string, name: string): Promise<string> {
  const found = await sharedFile(folder, name);
  if (found === undefined) throw invalidInput(`there is no scenario ${name}`, { code: "scenario-unknown" });
  return found.file;
}

async function serve(context: CommandContext, options: ServeCommandOptions): Promise<void> {
  const { terminal, interrupts } = context;
  const { cwd, env } = terminal;
  const { signal } = interrupts;
  const here = (name: string): string =>
    existsSync(path.resolve(cwd, name)) ? path.resolve(cwd, name) : packageFile(name);
  const runbooks = await offeredRunbooks(
    (options.runbooks ?? [here("runbooks")]).map((each) => path.resolve(cwd, each)),
  );
  const scenarios = path.resolve(cwd, options.scenarios ?? here("scenarios"));
  let folder: string | undefined;
  const play: PlayDrill = async ({ runbook, scenario, world }, ears) => {
    const chosen = runbooks.find(({ offer }) => offer.id === runbook);
    if (chosen === undefined) throw invalidInput("there is no such runbook", { code: "runbook-unknown" });
    const asked = {
      runbookFile: chosen.file,
      scenarioFile: scenario === undefined || scenario === "" ? undefined : await offeredScenario(scenarios, scenario),
      world: world === "live" ? "live" : "simulated",
      mode: world === "tabletop" ? "tabletop" : "drill",
      responder: "person",
      ...(world === "live" ? { timeScale: options.timeScale } : {}),
    } as const;
    const drill = await prepareDrill(asked, undefined, cwd, signal);
    folder = drill.folder;
    return await playOnConsole(drill, { allowed: new Map(), env, signal }, ears);
  };
  const serving = await startServing({
    host: options.host,
    port: options.port,
    offers: runbooks.map(({ offer }) => offer),
    settled: undefined,
    board: { folder: scenarios, shown: path.relative(cwd, scenarios) || "." },
    play,
    drillFolder: () => folder,
    onEnd: (end) => {
      if ("outcome" in end) return terminal.err(`· ${end.card.title}: ${end.outcome.verdict.verdict}`);
      // What a user did wrong is on the page; what we did is not.
      if (!(end.cause instanceof SquallError)) terminal.err(describeFailure(end.cause));
    },
  });
  terminal.out(
    options.json === true ? JSON.stringify({ event: "ready", ...serving.addresses }) : addressLines(serving.addresses),
  );
  await aborted(signal);
  await serving.stop();
  context.exit(exitCodes.pass);
}
