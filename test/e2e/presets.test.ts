/**
 * Every config of `scenarios/scaling/presets` under half an hour of each real trace. Skips, and says so, where the traces are
 * not there.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { scalingFrom } from "../../cli/scaling-input.ts";
import { readScenarioInput } from "../../cli/scenario-input.ts";
import { simulateScenario } from "../../cli/simulated-run.ts";
import { minuteMs } from "../../core/time.ts";

const scenarios = path.join(import.meta.dirname, "../../scenarios");
const presets = path.join(scenarios, "scaling/presets");
const dataFolder = process.env["SQUALL_DATA_DIR"] ?? path.join(import.meta.dirname, "../../../shared/data");

describe.each([
  { file: "AzureLLMInferenceTrace_conv.csv", fewest: 9_000 },
  { file: "mooncake_conversation_trace.jsonl", fewest: 5_000 },
])("$file on a fleet", ({ file, fewest }) => {
  const trace = path.join(dataFolder, file);
  const isThere = existsSync(trace);
  if (!isThere) console.warn(`skipped: presets, since ${trace} is not there (set SQUALL_DATA_DIR)`);

  it.skipIf(!isThere).each(readdirSync(presets))(
    "is played whole under %s, each change with its reason",
    async (preset) => {
      const window = [0, 30 * minuteMs] as const;
      const input = await readScenarioInput(
        path.join(scenarios, "replay-fleet.yaml"),
        { trace, window },
        new AbortController().signal,
      );
      const scaling = scalingFrom(readFileSync(path.join(presets, preset), "utf8"), preset);
      const { events, records, statistics } = simulateScenario(input, { timeScale: 1, scaling });
      expect(records.length).toBeGreaterThan(fewest);
      expect(statistics.conservation).toMatchObject({ arrived: records.length, inFlight: 0 });
      const changes = events.filter(({ kind }) => kind === "scale");
      expect(changes.length).toBeGreaterThan(0);
      for (const { text } of changes) expect(text).toMatch(/\d+ -> \d+/);
    },
  );
});
