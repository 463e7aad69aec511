/** `squall drill`: a game day by a runbook, in virtual time or on a live fleet. */
import path from "node:path";
import { Command, Option } from "commander";
import { exitCodes, type ExitCode, usageError } from "../../core/errors.ts";
import { type ReplicaKind, replicaKinds } from "../../gateways/drivers.ts";
import type { Allowed } from "../../runbooks/engine/commands.ts";
import type { CommandContext } from "../context.ts";
import { type Asked, drillFiles, prepareFolder, readAsked } from "../drill/drill-folder.ts";
import { readDrillInput } from "../drill/drill-input.ts";
import { renderDrill, timelineLine } from "../drill/drill-text.ts";
import { readUnfinished } from "../drill/journal-file.ts";
import { drillJson, type DrillOutcome, playDrill } from "../drill/play-drill.ts";
import { responderFor } from "../drill/responders.ts";
import { startWorld } from "../drill/start-world.ts";
import { terminalPrompt } from "../drill/terminal-prompt.ts";
import { readTrend, renderTrend } from "../drill/trend.ts";
import { aborted } from "../interrupt.ts";
import { startProgress } from "../progress.ts";
import { drillOnConsole } from "../serve/drill-console.ts";
import type { ConsoleDrill } from "../serve/play-drill.ts";
import { parsePort, parseSeed, parseTimeScale } from "../options.ts";

interface DrillOptions {
  readonly live?: boolean;
  readonly tabletop?: boolean;
  readonly auto?: boolean;
  readonly ask?: boolean;
  readonly console?: boolean;
  readonly port: number;
  readonly scenario?: string;
  readonly seed?: number;
  readonly out?: string;
  readonly resume?: string;
  readonly trend?: readonly string[];
  readonly json?: boolean;
  readonly as: string;
  readonly timeScale: number;
  readonly fleet?: ReplicaKind;
  readonly allowShell?: readonly string[];
  readonly allowKubectl?: readonly string[];
  readonly allowHttp?: readonly string[];
}

const verdictCodes: Readonly<Record<DrillOutcome["verdict"]["verdict"], ExitCode>> = {
  pass: exitCodes.pass,
  fail: exitCodes.objectiveMissed,
  inconclusive: exitCodes.inconclusive,
  interrupted: exitCodes.interrupted,
  tabletop: exitCodes.pass,
};

export function drillCommand(context: CommandContext): Command {
  return new Command("drill")
    .description("play an incident by its runbook: break things, respond, measure the response, put everything back")
    .argument("[runbook]", "runbook (Markdown)")
    .addOption(new Option("--simulate", "in virtual time, in seconds (default)").conflicts(["live", "tabletop"]))
    .addOption(new Option("--live", "on a live fleet on this machine").conflicts(["simulate", "tabletop"]))
    .addOption(new Option("--tabletop", "talk it through: nothing is done").conflicts(["simulate", "live"]))
    .addOption(new Option("--auto", "no person: yes to everything, at once").conflicts("ask"))
    .option("--ask", "you are the responder: questions in the terminal; with --live unless --auto")
    .addOption(
      new Option("--console", "people take part in a browser; an address for each seat").conflicts(["ask", "auto"]),
    )
    .option("--port <number>", "with --console: port to listen on, 0 picks a free one", parsePort, 0)
    .option("--as <name>", "your name, for the journal", "responder")
    .option("--time-scale <factor>", "with --live: the scenario's world, so many times as fast", parseTimeScale, 1)
    .addOption(
      new Option("--fleet <kind>", "with --live: copies of the gateway are processes, or containers of Docker").choices(
        replicaKinds,
      ),
    )
    .option("--scenario <file>", "scenario in place of the runbook's own")
    .option("--seed <number>", "seed in place of the runbook's own", parseSeed)
    .option("--out <folder>", "journal and review; squall-runs/drill-ID unless given")
    .option("--resume <folder>", "go on with a drill that was killed")
    .option("--trend <folders...>", "no drill: number, median and range of the measures of drills that were played")
    .option("--json", "print one JSON document in place of the timeline")
    .option("--allow-shell <programs...>", "programs that shell steps may run; each step is shown first")
    .option("--allow-kubectl <beginnings...>", "how kubectl steps may begin: get, or 'scale deployment/gateway'")
    .option("--allow-http <beginnings...>", "how http steps may begin: GET, or 'POST http://127.0.0.1:9100/admin'")
    .addHelpText(
      "after",
      `
Examples:
  $ squall drill runbooks/provider-outage.md
  $ squall drill runbooks/provider-outage.md --ask --as ada
  $ squall drill runbooks/provider-outage.md --console
  $ squall drill runbooks/bad-deployment.md --auto --json | jq .verdict
  $ squall drill --resume squall-runs/drill-provider-outage
  $ squall drill --trend squall-runs/drill-*

Ends with 0 when every target was met, every expected alert fired in time and everything is as it was; with 4 when not,
6 when a target could not be measured, 130 when you stopped it. A tabletop measures nothing and ends with 0. Same runbook, scenario and seed: the same journal.`,
    )
    .action(async (runbook: string | undefined, options: DrillOptions) => {
      if (options.trend !== undefined) return await printTrend(context, options.trend, options.json === true);
      const begin = await begun(context, runbook, options);
      if (options.console === true) return await playInBrowser(context, options, begin);
      present(context, options, begin, await play(context, options, begin));
    });
}

type Begun = ConsoleDrill;

function present(
  context: CommandContext,
  { json }: DrillOptions,
  { input, folder }: Begun,
  outcome: DrillOutcome,
): void {
  const { terminal } = context;
  if (json === true) terminal.out(JSON.stringify(drillJson(outcome, input.runbook.id)));
  else terminal.out(renderDrill(outcome, shown(context, folder), terminal.width));
  context.exit(verdictCodes[outcome.verdict.verdict]);
}

/** The review stays where the drill was until somebody ends it; a program that reads JSON waits for nobody. */
async function playInBrowser(context: CommandContext, options: DrillOptions, begin: Begun): Promise<void> {
  const { terminal, interrupts } = context;
  const { signal } = interrupts;
  const choices = { port: options.port, terminal, allowed: allowedOf(begin.asked), env: terminal.env, signal };
  const { outcome, serving } = await drillOnConsole(begin, choices);
  present(context, options, begin, outcome);
  if (options.json !== true) {
    terminal.err("The review stays at the same addresses; Ctrl-C ends it.");
    await aborted(signal);
  }
  await serving.stop();
}

async function begun(context: CommandContext, runbook: string | undefined, options: DrillOptions): Promise<Begun> {
  const { cwd } = context.terminal;
  const { signal } = context.interrupts;
  if (options.resume !== undefined) {
    const folder = path.resolve(cwd, options.resume);
    const { asked, runbookText } = await readAsked(folder);
    const earlier = await readUnfinished(path.join(folder, drillFiles.journal));
    return { asked, folder, earlier, input: await readDrillInput({ ...asked, text: runbookText }, signal) };
  }
  if (runbook === undefined) {
    const hint = "squall drill runbooks/provider-outage.md, or --resume FOLDER to go on with one that was killed";
    throw usageError("no runbook was given", { code: "usage", hint });
  }
  const asked: Asked = {
    runbookFile: path.resolve(cwd, runbook),
    scenarioFile: options.scenario === undefined ? undefined : path.resolve(cwd, options.scenario),
    seed: options.seed,
    world: options.live === true ? "live" : "simulated",
    mode: options.tabletop === true ? "tabletop" : "drill",
    responder: responderOf(options),
    ...(options.live === true ? { timeScale: options.timeScale, fleet: options.fleet } : {}),
    who: options.as,
    allowed: { shell: options.allowShell, kubectl: options.allowKubectl, http: options.allowHttp },
  };
  const input = await readDrillInput(asked, signal);
  const folder = path.resolve(cwd, options.out ?? path.join("squall-runs", `drill-${input.runbook.id}`));
  await prepareFolder(folder, asked, input.text);
  return { asked, folder, earlier: [], input };
}

function responderOf({ auto, ask, console: inBrowser, live }: DrillOptions): Asked["responder"] {
  if (auto === true) return "auto";
  return ask === true || inBrowser === true || live === true ? "person" : "modelled";
}

async function play(context: CommandContext, options: DrillOptions, begin: Begun): Promise<DrillOutcome> {
  const { asked, folder, earlier, input } = begin;
  const { signal } = context.interrupts;
  const isWatched = options.json !== true;
  const { terminal } = context;
  const { world, stop } = await startWorld(asked, input, earlier, {
    timeScale: asked.timeScale ?? options.timeScale,
    env: terminal.env,
    startProgress: () => startProgress(terminal),
    signal,
  });
  const keyboard = terminalPrompt();
  try {
    return await playDrill({
      input,
      world,
      responder: responderFor(asked, input, {
        prompt: keyboard.prompt,
        who: asked.who ?? options.as,
        nowMs: () => performance.now(),
        time: asked.world,
      }),
      mode: asked.mode,
      hasPeople: asked.responder === "person",
      allowed: allowedOf(asked),
      folder,
      earlier,
      isRebuilt: earlier.length > 0,
      signal,
      onEntry: (entry) => {
        const line = isWatched ? timelineLine(entry) : undefined;
        if (line !== undefined) context.terminal.out(line);
      },
    });
  } finally {
    keyboard.close();
    await stop();
  }
}

function allowedOf({ allowed = {} }: Asked): Allowed {
  const tools = ["shell", "kubectl", "http"] as const;
  return new Map(tools.flatMap((tool) => (allowed[tool] === undefined ? [] : [[tool, allowed[tool]] as const])));
}

async function printTrend({ terminal }: CommandContext, folders: readonly string[], isJson: boolean): Promise<void> {
  const trend = await readTrend(folders.map((folder) => path.resolve(terminal.cwd, folder)));
  terminal.out(isJson ? JSON.stringify(trend) : renderTrend(trend, terminal.width));
}

function shown({ terminal }: CommandContext, folder: string): string {
  return path.relative(terminal.cwd, folder) || ".";
}
