/** `squall runbook`: write runbooks, find what is wrong with them, draw them. */
import { existsSync } from "node:fs";
import path from "node:path";
import { Command, Option } from "commander";
import { invalidInput, type Problem, usageError } from "../../core/errors.ts";
import { plural } from "../../core/units.ts";
import { parseRunbook } from "../../runbooks/engine/parse.ts";
import { runbookGraph } from "../../runbooks/engine/graph.ts";
import { runbookSvg } from "../../runbooks/engine/graph-svg.ts";
import { scaffoldRunbook } from "../../runbooks/engine/scaffold.ts";
import type { CommandContext } from "../context.ts";
import { lintRunbookFile } from "../drill/lint-file.ts";
import { readInputFile } from "../input-file.ts";
import { writeOutputFile } from "../output-file.ts";

export function runbookCommand(context: CommandContext): Command {
  return new Command("runbook")
    .description("write runbooks, find what is wrong with them, draw them")
    .addCommand(newCommand(context))
    .addCommand(lintCommand(context))
    .addCommand(graphCommand(context))
    .addHelpText(
      "after",
      `
Examples:
  $ squall runbook new provider-slow --out runbooks/provider-slow.md
  $ squall runbook lint runbooks/*.md
  $ squall runbook graph runbooks/provider-outage.md --out provider-outage.svg`,
    );
}

function newCommand({ terminal }: CommandContext): Command {
  return new Command("new")
    .description("a runbook to start from, which lints clean")
    .argument("<id>", "its name: lowercase letters, digits and hyphens")
    .option("--out <file>", "write it here; runbooks/ID.md unless given")
    .action(async (id: string, options: { readonly out?: string }) => {
      if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(id)) {
        const hint = "such as provider-slow";
        throw usageError(`"${id}" is no name of a runbook; needed are lowercase letters, digits and hyphens`, {
          code: "usage",
          hint,
        });
      }
      const written = options.out ?? path.join("runbooks", `${id}.md`);
      const file = path.resolve(terminal.cwd, written);
      if (existsSync(file))
        throw usageError(`${written} is there already`, { code: "file-exists", hint: "--out takes another name" });
      await writeOutputFile(file, scaffoldRunbook(id));
      terminal.out(`${written}: written. Next: squall runbook lint ${written}, then squall drill ${written}`);
    });
}

function lintCommand({ terminal }: CommandContext): Command {
  return new Command("lint")
    .description("all problems at once, each with its line")
    .argument("<files...>", "runbooks (Markdown)")
    .option("--scenario <file>", "scenario whose alerts, providers and models they may name, in place of their own")
    .addHelpText(
      "after",
      "\nExamples:\n  $ squall runbook lint runbooks/*.md\n\nEnds with 0 when there is none, and with 3 otherwise.",
    )
    .action(async (files: readonly string[], options: { readonly scenario?: string }) => {
      const scenario = options.scenario === undefined ? undefined : path.resolve(terminal.cwd, options.scenario);
      const problems: Problem[] = [];
      for (const file of files) {
        const found = await lintRunbookFile(path.resolve(terminal.cwd, file), scenario);
        problems.push(
          ...found.map((problem) => ({
            ...problem,
            path: `${file}:${problem.line ?? 1}`,
            message: `${problem.path}: ${problem.message}`,
          })),
        );
        if (found.length === 0) terminal.out(`${file}: ok`);
      }
      if (problems.length === 0) return;
      throw invalidInput(plural(problems.length, "problem"), { code: "runbook-invalid", problems });
    });
}

interface GraphOptions {
  readonly format?: "mermaid" | "svg";
  readonly out?: string;
}

function graphCommand({ terminal }: CommandContext): Command {
  const formats = ["mermaid", "svg"] as const;
  return new Command("graph")
    .description("its flow as a Mermaid flowchart, or as a picture")
    .argument("<file>", "runbook (Markdown)")
    .addOption(new Option("--format <format>", "svg when --out ends so, mermaid otherwise").choices(formats))
    .option("--out <file>", "write it here rather than print it")
    .addHelpText(
      "after",
      "\nExamples:\n  $ squall runbook graph runbooks/provider-outage.md\n  $ squall runbook graph runbooks/provider-outage.md --out provider-outage.svg",
    )
    .action(async (file: string, { format, out }: GraphOptions) => {
      const runbook = parseRunbook(await readInputFile(path.resolve(terminal.cwd, file)), file);
      const isPicture = (format ?? (out?.endsWith(".svg") === true ? "svg" : "mermaid")) === "svg";
      const drawn = isPicture ? runbookSvg(runbook) : runbookGraph(runbook);
      if (out === undefined) return terminal.out(drawn.trimEnd());
      await writeOutputFile(path.resolve(terminal.cwd, out), drawn);
      terminal.out(`${out}: written`);
    });
}
