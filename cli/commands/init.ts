/** `squall init`: a first scenario, and a gate for the CI that is asked for. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Command, Option } from "commander";
import { usageError } from "../../core/errors.ts";
import type { CommandContext } from "../context.ts";
import { writeOutputFile } from "../output-file.ts";
import { packageFile } from "../package-root.ts";

interface InitOptions {
  readonly ci?: "github" | "gitlab";
  readonly json?: boolean;
}

/** What is written, and what of this package it is a copy of. */
interface Seedling {
  readonly file: string;
  readonly from: string;
  /** Turns the example into the user's own. */
  readonly adapt: (text: string) => string;
}

const scenarioFile = "scenarios/first.yaml";

const first: Seedling = {
  file: scenarioFile,
  from: "scenarios/ten-users.yaml",
  // Without the line for editors, whose schema lies in this package, and without this project's own script.
  adapt: (text) =>
    text
      .replace(/^# yaml-language-server.*\n/, "")
      .replace("`npm start`, or ", "")
      .replaceAll("ten-users", "first"),
};

const gates: Readonly<Record<"github" | "gitlab", Seedling>> = {
  github: { file: ".github/workflows/gateway.yml", from: "docs/ci/github.yml", adapt: withFirstScenario },
  gitlab: { file: ".gitlab-ci.yml", from: "docs/ci/gitlab.yml", adapt: withFirstScenario },
};

export function initCommand(context: CommandContext): Command {
  return new Command("init")
    .description("scaffold: a first scenario, and a gate for your CI")
    .argument("[folder]", "where", ".")
    .addOption(new Option("--ci <system>", "write a gate for it too").choices(["github", "gitlab"]))
    .option("--json", "print one JSON document: the files that were written")
    .addHelpText(
      "after",
      `
Examples:
  $ squall init
  $ squall init my-gateway --ci github

Nothing that is there is overwritten.`,
    )
    .action(async (folder: string, options: InitOptions) => {
      const { terminal } = context;
      const root = path.resolve(terminal.cwd, folder);
      const seedlings = [first, ...(options.ci === undefined ? [] : [gates[options.ci]])];
      const taken = seedlings.filter(({ file }) => existsSync(path.join(root, file)));
      if (taken.length > 0) {
        throw usageError(`${taken.map(({ file }) => file).join(" and ")} would be overwritten; nothing was written`, {
          code: "out-not-ours",
          hint: "move it away, or give another folder",
        });
      }
      for (const { file, from, adapt } of seedlings) {
        await writeOutputFile(path.join(root, file), adapt(await readFile(packageFile(from), "utf8")));
      }
      const files = seedlings.map(({ file }) => path.join(folder, file));
      terminal.out(options.json === true ? JSON.stringify({ files }) : inWords(files, path.join(folder, scenarioFile)));
    });
}

function withFirstScenario(text: string): string {
  return text.replaceAll("scenarios/ten-users.yaml", scenarioFile);
}

function inWords(files: readonly string[], scenario: string): string {
  return [
    ...files.map((file) => `wrote ${file}`),
    "",
    "Try next:",
    `  squall simulate ${scenario}                     in virtual time, in a second`,
    `  squall run ${scenario}                          for real, through a real gateway`,
    `  squall gate ${scenario} --out squall-runs/main  keep the runs that the next change is judged against`,
  ].join("\n");
}
