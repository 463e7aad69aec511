/** What the numbers rest on, and how to get them again. */
import { busyInWords } from "../../analyzers/generator.ts";
import type { GeneratorHealth, MachineUse, Run, RunManifest } from "../../core/run.ts";
import { formatDuration } from "../../core/time.ts";
import { formatShare, plural } from "../../core/units.ts";
import type { ReportInput } from "../report-input.ts";
import { html, type Markup } from "./markup.ts";

export function smallPrint({ run }: ReportInput): Markup {
  const { scaling } = run.manifest;
  const rows = entries(run.manifest).filter(([, value]) => value !== "");
  return html`<section class="small" aria-label="Small print">
    <h2>Small print</h2>
    <dl>
      ${rows.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd> `,
      )}
    </dl>
    <h3>To repeat this run</h3>
    <p class="faint">
      Save the scenario below as
      <code>scenario.yaml</code
      >${scaling === undefined ? "" : html`, and the scaling config as <code>${scaling.file}</code>`}, then:
    </p>
    <pre>${repeatCommand(run)}</pre>
    <details open>
      <summary>Scenario as it was run</summary>
      <pre>${run.manifest.scenarioText}</pre>
    </details>
    ${
      scaling === undefined
        ? undefined
        : html`<details open>
            <summary>Scaling config as it was run</summary>
            <pre>${scaling.text}</pre>
          </details>`
    }
  </section>`;
}

/** Names and what they say; an empty text is left out. */
function entries(manifest: RunManifest): readonly (readonly [name: string, value: string])[] {
  const { kind, engine, gateway, status, seed, timeScale, trace, prices, profiles, generator, environment, machine } =
    manifest;
  return [
    ["Run", `${kind}, engine ${engine}, gateway ${gateway}, ${status}`],
    ["Seed", String(seed)],
    ["Time scale", kind === "live" ? describeTimeScale(timeScale) : ""],
    ["Trace", trace === undefined ? "" : describeTrace(trace)],
    ["Prices", prices],
    ["Profiles", profiles.map(({ name, status, source }) => `${name} (${status}; ${source})`).join("; ")],
    ["Generator", generator === undefined ? "" : describeGenerator(engine, generator)],
    ["Squall", `${manifest.squallVersion}, run format ${manifest.formatVersion}`],
    ["Machine", environment === undefined ? "" : describeEnvironment(environment)],
    ["Its processors", machine === undefined ? "" : describeUse(machine)],
    [
      "Statistics",
      "percentiles of type 7 (Hyndman and Fan, 1996) from every record; intervals by bootstrap over conversations",
    ],
  ];
}

/** Faster than life, planned times shrink and the gateway's own do not: they count for more. */
function describeTimeScale(timeScale: number): string {
  const ratio = `${timeScale} ms of scenario time for each ms of wall time`;
  return timeScale === 1 ? ratio : `${ratio}; what gateway and network take by themselves counts ${timeScale} times`;
}

function describeTrace({ name, rows, windowMs }: NonNullable<RunManifest["trace"]>): string {
  const part = windowMs === undefined ? "" : `, from ${formatDuration(windowMs[0])} to ${formatDuration(windowMs[1])}`;
  return `${name}, ${plural(rows, "row")}${part}`;
}

function describeGenerator(engine: string, health: GeneratorHealth): string {
  const { latenessP50Ms, latenessP99Ms, latenessMaxMs } = health;
  const late = `${formatDuration(latenessP50Ms)} (p50), ${formatDuration(latenessP99Ms)} (p99), ${formatDuration(latenessMaxMs)} at worst`;
  return `sends late by ${late}; ${busyInWords(engine, health)}`;
}

function describeUse({ processors, busy, others, gateway }: MachineUse): string {
  const theirs = others === undefined ? "" : `, ${formatShare(others)} with programs that do not belong to this run`;
  const served = gateway === undefined ? "" : `; the gateway kept ${gateway.toFixed(2)} of them busy`;
  return `${processors}, ${formatShare(busy)} busy during the load${theirs}${served}`;
}

function describeEnvironment(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

/** The command line that plays the same requests again. */
function repeatCommand({ manifest }: Run): string {
  const { kind, scaling, seed, timeScale, trace } = manifest;
  const parts = [
    kind === "live" ? "squall run scenario.yaml" : "squall simulate scenario.yaml",
    kind === "live" && timeScale !== 1 ? `--time-scale ${timeScale}` : "",
    trace === undefined ? "" : `--trace ${trace.name}`,
    scaling === undefined ? "" : `--scaling ${scaling.file}`,
    `--seed ${seed}`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}
