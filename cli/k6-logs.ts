/**
 * Logs of k6 as a run: what pods of a load test printed, each with its part of the requests, merged into one.
 *
 * An instance of k6 that was stopped or killed never says that its phase is over; its requests in flight are then
 * `unfinished`, and the run is not judged.
 */
import path from "node:path";
import { pricesInWords } from "../behavior/price/own-prices.ts";
import { genaiPricesName } from "../behavior/price/genai-prices.ts";
import { invalidInput } from "../core/errors.ts";
import type { K6Line, K6Record } from "../core/k6-plan.ts";
import type { PhaseName, RequestRecord } from "../core/record.ts";
import type { Run, RunEvent } from "../core/run.ts";
import type { Ms } from "../core/time.ts";
import { K6Meter } from "../load/k6/health.ts";
import { readLine, recordOf } from "../load/k6/lines.ts";
import { mergeRuns } from "../runs/merge-runs.ts";
import { readInputLines } from "./input-lines.ts";
import type { ScenarioInput } from "./scenario-input.ts";
import { describeInput } from "../simulator/scenario-run.ts";
import { squallVersion } from "./version.ts";

export interface K6LogChoices {
  /** What the load went to, for the manifest. */
  readonly gateway: string;
  readonly timeScale: number;
}

/** A line of a log may be this long: warnings quote errors of the network. */
const lineCharactersMax = 65_536;

/** Errors: `k6-log-malformed`, `merge-mismatch`, those of the files; the signal's reason. */
export async function runOfK6Logs(
  input: ScenarioInput,
  files: readonly string[],
  choices: K6LogChoices,
  signal: AbortSignal,
): Promise<Run> {
  const runs: Run[] = [];
  for (const file of files) runs.push(await runOfLog(input, file, choices, signal));
  return mergeRuns(runs);
}

async function runOfLog(input: ScenarioInput, file: string, choices: K6LogChoices, signal: AbortSignal): Promise<Run> {
  const seen = new LogReader(path.basename(file), choices.timeScale);
  const tooLong = (line: number): Error =>
    malformed(`${file}:${line}`, `is longer than ${lineCharactersMax} characters`);
  await readInputLines(file, { charactersMax: lineCharactersMax, tooLong }, signal, (line, number) =>
    seen.line(line, number),
  );
  const { records, phase, durationMs, cut, meter } = seen.finish();
  const users = input.scenario.traffic.load.kind === "closed" ? new Set(records.map(userOf)).size : undefined;
  const end: RunEvent = { atMs: durationMs, kind: "failure", subject: "run", text: `k6 ended early (${seen.name})` };
  return {
    manifest: {
      ...describeInput(input, squallVersion()),
      kind: "live",
      engine: "k6",
      gateway: choices.gateway,
      timeScale: choices.timeScale,
      durationMs,
      status: cut ? "failed" : "complete",
      phases: [{ name: phase, startMs: 0, endMs: durationMs, ...(users === undefined ? {} : { users }) }],
      providers: [],
      prices: pricesInWords(genaiPricesName, input.scenario.providers),
      generator: meter.health(1),
    },
    records,
    events: cut ? [end] : [],
  };
}

/** `u3` of `u3.s0.t2`. */
function userOf({ key }: RequestRecord): string {
  return key.split(".")[0] ?? key;
}

class LogReader {
  readonly name: string;
  readonly #records: RequestRecord[] = [];
  readonly #inFlight = new Map<string, K6Record>();
  readonly #meter: K6Meter;
  #over: PhaseName | undefined;

  constructor(name: string, timeScale: number) {
    this.name = name;
    this.#meter = new K6Meter(timeScale);
  }

  line(text: string, number: number): void {
    const line = readLine(text);
    if (line === undefined) return;
    if (line === "damaged") throw malformed(`${this.name}:${number}`, "cannot be read");
    this.#take(line);
  }

  finish(): {
    readonly records: readonly RequestRecord[];
    readonly phase: PhaseName;
    readonly durationMs: Ms;
    readonly cut: boolean;
    readonly meter: K6Meter;
  } {
    for (const begun of this.#inFlight.values()) this.#records.push(recordOf(begun, 0));
    const [first] = this.#records;
    if (first === undefined) throw malformed(this.name, "holds no record of k6");
    return {
      records: this.#records,
      phase: first.phase,
      durationMs: this.#records.reduce((latest, { endMs }) => Math.max(latest, endMs), 0),
      cut: this.#over === undefined,
      meter: this.#meter,
    };
  }

  #take(line: K6Line): void {
    switch (line.kind) {
      case "begin":
        this.#inFlight.set(line.record.key, line.record);
        return;
      case "end": {
        this.#inFlight.delete(line.record.key);
        const record = recordOf(line.record, 0);
        this.#meter.ended(record);
        this.#records.push(record);
        return;
      }
      case "script-cut":
        this.#meter.scriptCut();
        return;
      case "over":
        this.#over = line.phase;
        return;
    }
  }
}

function malformed(where: string, what: string): Error {
  return invalidInput(`${where} ${what}`, {
    code: "k6-log-malformed",
    hint: "a log is what k6 printed with SQUALL_LINES=on, --log-format=raw and --log-output=stdout",
  });
}
