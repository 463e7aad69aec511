/** Every command, in the order in which help lists them. Adding one is adding a line here. */
import type { Command } from "commander";
import { analyzeCommand } from "./commands/analyze.ts";
import { calibrateCommand } from "./commands/calibrate.ts";
import { compareCommand } from "./commands/compare.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { drillCommand } from "./commands/drill.ts";
import { exportCommand } from "./commands/export.ts";
import { gateCommand } from "./commands/gate.ts";
import { historyCommand } from "./commands/history.ts";
import { importCommand } from "./commands/import.ts";
import { initCommand } from "./commands/init.ts";
import { journalCommand } from "./commands/journal.ts";
import { mergeCommand } from "./commands/merge.ts";
import { mockCommand } from "./commands/mock.ts";
import { phaseCommand } from "./commands/phase.ts";
import { planCommand } from "./commands/plan.ts";
import { probeCommand } from "./commands/probe.ts";
import { quickstartCommand } from "./commands/quickstart.ts";
import { reportCommand } from "./commands/report.ts";
import { runbookCommand } from "./commands/runbook.ts";
import { runCommand } from "./commands/run.ts";
import { schemaCommand } from "./commands/schema.ts";
import { serveCommand } from "./commands/serve.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { validateCommand } from "./commands/validate.ts";
import type { CommandContext } from "./context.ts";

export const commands: readonly ((context: CommandContext) => Command)[] = [
  quickstartCommand,
  initCommand,
  simulateCommand,
  planCommand,
  mergeCommand,
  exportCommand,
  runCommand,
  gateCommand,
  drillCommand,
  runbookCommand,
  journalCommand,
  serveCommand,
  compareCommand,
  analyzeCommand,
  historyCommand,
  phaseCommand,
  reportCommand,
  validateCommand,
  mockCommand,
  probeCommand,
  calibrateCommand,
  importCommand,
  doctorCommand,
  schemaCommand,
];
