/**
 * Whether a run can be judged at all: did it end as planned, and was the load generator fast enough to be believed.
 */
import type { Finding } from "../core/finding.ts";
import { assertNever } from "../core/invariant.ts";
import type { GeneratorHealth, MachineUse, Run } from "../core/run.ts";
import { formatShare } from "../core/units.ts";

/** Why nothing in this run may be judged; undefined when it may. */
export function whyUntrusted(run: Run): string | undefined {
  const { status, generator } = run.manifest;
  switch (status) {
    case "interrupted":
      return "the run was interrupted before its end";
    case "failed":
      return whyFailed(run);
    case "complete":
      return generator === undefined || generator.overload === ""
        ? undefined
        : `the load generator was the bottleneck: ${generator.overload}${whoElse(run.manifest.machine)}`;
    default:
      return assertNever(status);
  }
}

/** Other programs that take more of a machine than this are worth a word, and say nothing of a simulation: with two processors, a fifth of one. */
export const othersMuch = 0.1;

function whoElse(machine: MachineUse | undefined): string {
  if (machine === undefined || (machine.others ?? 0) < othersMuch) return "";
  return `; other programs on this machine used ${formatShare(machine.others ?? 0)} of its processors meanwhile`;
}

/** The event that ended it says why. */
function whyFailed(run: Run): string {
  const failure = run.events.findLast((event) => event.kind === "failure");
  return failure === undefined ? "the run failed before its end" : `the run broke off: ${failure.text}`;
}

/** How busy the generator was: k6 has no event loop that could be asked, so that its share of the processors is told instead. */
export function busyInWords(engine: string, { loopUtilization }: GeneratorHealth): string {
  const share = formatShare(loopUtilization);
  return engine === "k6" ? `k6 used ${share} of the processors` : `event loop ${share} busy`;
}

/** An inconclusive finding for a run that cannot be judged; the generator's lateness as information. */
export function generatorFindings(run: Run): readonly Finding[] {
  const why = whyUntrusted(run);
  const { generator } = run.manifest;
  return [
    ...(why === undefined
      ? []
      : [
          {
            analyzer: "generator",
            id: "generator.trust",
            title: "This run cannot be judged",
            judgement: "inconclusive" as const,
            detail: why,
          },
        ]),
    ...(generator === undefined
      ? []
      : [
          {
            analyzer: "generator",
            id: "generator.lateness.p99",
            title: "Lateness of sends, p99",
            measured: generator.latenessP99Ms,
            unit: "ms" as const,
            detail: `worst ${generator.latenessMaxMs.toFixed(1)} ms; ${busyInWords(run.manifest.engine, generator)}`,
          },
        ]),
  ];
}
