/** `squall export openslo` and `squall import openslo`: service levels in the words of OpenSLO v1. */
import path from "node:path";
import { Command } from "commander";
import { parseAllDocuments, stringify } from "yaml";
import { goodInWords } from "../../analyzers/slo/openslo/names.ts";
import { type ReadAlert, type ReadOpenSlo, readOpenSlo } from "../../analyzers/slo/openslo/read.ts";
import { writeOpenSlo } from "../../analyzers/slo/openslo/write.ts";
import { printWindow } from "../../analyzers/alerts/promql/print.ts";
import { invalidInput } from "../../core/errors.ts";
import { readAlertsOrDefaults } from "../alert-files.ts";
import type { CommandContext } from "../context.ts";
import { readInputFile } from "../input-file.ts";
import { writeOutputFile } from "../output-file.ts";
import { readScenario } from "../scenario-input.ts";

export function exportOpenSloCommand({ terminal }: CommandContext): Command {
  return new Command("openslo")
    .description("the scenario's service levels and burn-rate alerts as OpenSLO v1 documents")
    .argument("<scenario>", "scenario file (YAML)")
    .option("--out <file>", "write it here instead of standard output")
    .action(async (file: string, options: { readonly out?: string }) => {
      const { scenario } = await readScenario(file);
      const { documents, lost } = writeOpenSlo(scenario, await readAlertsOrDefaults(scenario, file));
      for (const what of lost) terminal.err(`squall: not expressed: ${what}`);
      const text = documents.map((document) => stringify(document, { lineWidth: 0 })).join("---\n");
      if (options.out === undefined) terminal.out(text.trimEnd());
      else await writeOutputFile(path.resolve(terminal.cwd, options.out), text);
    });
}

export function importOpenSloCommand({ terminal }: CommandContext): Command {
  return new Command("openslo")
    .description("service levels of OpenSLO v1 documents, as a scenario's slo section and a file of alerts")
    .argument("<file>", "OpenSLO documents (YAML)")
    .option("--json", "print one JSON document")
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const read = readOpenSlo(documentsOf(await readInputFile(file), file), path.basename(file));
      for (const note of read.notes) terminal.err(`squall: ${note}`);
      const sections = sectionsOf(read);
      if (options.json === true) terminal.out(JSON.stringify({ ...sections, notes: read.notes }));
      else terminal.out(inWords(sections));
    });
}

interface Sections {
  readonly slo: object;
  readonly alerts: object;
}

function sectionsOf({ slos, alerts }: ReadOpenSlo): Sections {
  return {
    slo: Object.fromEntries(
      slos.map(({ name, target, good, periodMs }) => [
        name,
        { target, good: goodInWords(good), ...(periodMs === undefined ? {} : { period: printWindow(periodMs) }) },
      ]),
    ),
    alerts: Object.fromEntries(
      [...Map.groupBy(alerts, ({ name }) => name)].flatMap(([name, same]) => entriesOf(name, same, slos.length)),
    ),
  };
}

/** One entry where the alert is the same for every service level; one for each otherwise, since names are unique. */
function entriesOf(name: string, same: readonly ReadAlert[], slos: number): readonly (readonly [string, object])[] {
  const [first] = same;
  const bodies = same.map(bodyOf);
  const isOfAll = first !== undefined && same.length === slos;
  if (isOfAll && new Set(bodies.map((body) => JSON.stringify(body))).size === 1) return [[name, bodyOf(first)]];
  return same.map((alert) => [
    same.length === 1 ? name : `${name}_${alert.slo.replaceAll("-", "_")}`,
    { ...bodyOf(alert), slo: alert.slo },
  ]);
}

function bodyOf({ burns, withinMs, forMs, severity, says }: ReadAlert): object {
  return {
    burns,
    in: printWindow(withinMs),
    ...(forMs === 0 ? {} : { for: printWindow(forMs) }),
    severity,
    ...(says === "" ? {} : { says }),
  };
}

function inWords({ slo, alerts }: Sections): string {
  const parts = [`# for the scenario\n${stringify({ slo })}`];
  if (Object.keys(alerts).length > 0) {
    parts.push(`# a file of alerts, which the scenario names: alerts: ./alerts.yaml\n${stringify({ alerts })}`);
  }
  return parts.join("---\n").trimEnd();
}

function documentsOf(text: string, file: string): readonly unknown[] {
  const parsed = parseAllDocuments(text);
  const documents = Array.isArray(parsed) ? parsed : [];
  const [problem] = documents.flatMap(({ errors }) => errors);
  if (problem !== undefined) {
    throw invalidInput(`${file} is no YAML: ${problem.message}`, { code: "openslo-invalid", cause: problem });
  }
  return documents.map((document): unknown => document.toJS());
}
