/** `squall journal`: was this journal of a drill changed? */
import path from "node:path";
import { Command } from "commander";
import { exitCodes } from "../../core/errors.ts";
import type { CommandContext } from "../context.ts";
import { verifyJournalFile } from "../drill/drill-folder.ts";

export function journalCommand(context: CommandContext): Command {
  return new Command("journal")
    .description("look after journals of drills")
    .addCommand(verifyCommand(context))
    .addHelpText("after", "\nExamples:\n  $ squall journal verify squall-runs/drill-provider-outage/journal.ndjson");
}

function verifyCommand({ terminal, exit }: CommandContext): Command {
  return new Command("verify")
    .description("find any line that was changed, taken out or put in")
    .argument("<file>", "journal.ndjson of a drill")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  $ squall journal verify squall-runs/drill-provider-outage/journal.ndjson

Ends with 0 when the journal is whole and with 4 when it is not. The result.json of the drill, where it lies beside the journal,
tells how it has to end. The last hash, kept elsewhere, proves the same against whoever can write both files.`,
    )
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const verified = await verifyJournalFile(path.resolve(terminal.cwd, file));
      if (options.json === true) terminal.out(JSON.stringify(verified));
      else if (!verified.whole) terminal.out(`${file}, line ${verified.line}: ${verified.why}`);
      else {
        const count = verified.entries === 1 ? "1 entry" : `${verified.entries} entries`;
        const state = verified.ended ? "the drill has ended" : "the drill has not ended";
        terminal.out(`${file}: whole, ${count}, ${state}, last hash ${verified.lastHash}`);
      }
      exit(verified.whole ? exitCodes.pass : exitCodes.objectiveMissed);
    });
}
