/**
 * From the text of a scenario file to a Scenario, or to everything that is wrong with it.
 *
 *     text ─▶ YAML ─▶ plain data ─▶ schema: each section by itself ─┐
 *                              └──▶ cross-checks: sections together ┴▶ problems, by line ─▶ scenario-invalid
 *                                                                   └▶ none ─▶ Scenario
 */
import { invalidInput, type Problem } from "../errors.ts";
import { invariant } from "../invariant.ts";
import { plural } from "../units.ts";
import { crossChecks } from "./cross-checks.ts";
import { metricUnit, parseLimit } from "./metrics.ts";
import type { KnownNames } from "./name-checks.ts";
import { mistakesOf, problemOf } from "./problems.ts";
import type { Objective, Scenario } from "./scenario.ts";
import type { PlatformSpec } from "./platform-spec.ts";
import { scenarioSchema, type ScenarioDocument } from "./schema.ts";
import { applyTiers, type AskedModels } from "./tiers.ts";
import { withPrices } from "./price-spec.ts";
import { readYaml, type YamlDocument } from "./yaml-document.ts";

export type { KnownNames } from "./name-checks.ts";
export { scenarioBytesMax } from "./yaml-document.ts";

/** Throws `scenario-invalid` (exit code 3) with all problems of the file. `name` is what messages call it. */
export function parseScenario(text: string, name: string, known: KnownNames = {}): Scenario {
  const document = readYaml(text, name);
  const parsed = scenarioSchema.safeParse(document.data, { reportInput: true });
  const mistakes = [...mistakesOf(parsed.error?.issues ?? []), ...crossChecks(document.data, known)];
  if (!parsed.success || mistakes.length > 0) {
    throw notUsable(
      name,
      mistakes.map((mistake) => problemOf(mistake, document)),
    );
  }
  const tiered =
    known.tiers === undefined ? undefined : applyTiers(parsed.data.providers, known.tiers, askedOf(parsed.data));
  if (tiered === undefined) return complete(parsed.data, document);
  if (tiered.mistakes.length > 0) {
    throw notUsable(
      name,
      tiered.mistakes.map((mistake) => problemOf(mistake, document)),
    );
  }
  return complete({ ...parsed.data, providers: tiered.providers }, document);
}

/** Models that a provider may be asked for: by routes that name it, and by requests without a route. */
function askedOf({ platform, traffic }: ScenarioDocument): (provider: string) => AskedModels {
  const routed = new Set(platform.routes.map((route) => route.model));
  const requested = traffic.requests.map((shape) => shape.model).filter((model) => !routed.has(model));
  return (provider) => ({
    routed: platform.routes.filter((route) => route.providers.includes(provider)).map((route) => route.model),
    requested,
  });
}

function notUsable(name: string, problems: readonly Problem[]): Error {
  const sorted = problems.toSorted((left, right) => (left.line ?? 0) - (right.line ?? 0));
  const count = plural(sorted.length, "problem");
  return invalidInput(`scenario ${name} cannot be used: ${count}`, { code: "scenario-invalid", problems: sorted });
}

/** Fills in what follows from several sections. The checks have made sure that everything is there. */
function complete(written: ScenarioDocument, document: YamlDocument): Scenario {
  const { load } = written.traffic;
  invariant(load !== undefined, "the cross-checks let through exactly one kind of load");
  return {
    name: written.scenario,
    about: written.about,
    seed: written.seed,
    traffic: { ...written.traffic, load },
    providers: withPrices(written.providers, (model) => written.prices?.models[model]),
    ...(written.prices?.file === undefined ? {} : { priceFile: written.prices.file }),
    platform: { ...written.platform, routes: completeRoutes(written) },
    timeline: written.timeline,
    ...(written.events.length === 0 ? {} : { events: written.events }),
    objectives: Object.entries(written.objectives).map(([metric, limit]) =>
      objective(metric, limit, document.lineOf(["objectives", metric])),
    ),
    ...(written.regression.length === 0 ? {} : { regression: written.regression }),
    ...(written.slo.length === 0 ? {} : { slo: written.slo }),
    ...(written.alerts === undefined ? {} : { alerts: written.alerts }),
  };
}

/** Models asked for without a route of their own go to every provider that serves them, in order. */
function completeRoutes(written: ScenarioDocument): PlatformSpec["routes"] {
  const routed = new Set(written.platform.routes.map((route) => route.model));
  const asked = new Set(written.traffic.requests.map((shape) => shape.model));
  const missing = [...asked].filter((model) => !routed.has(model));
  const found = missing.map((model) => ({
    model,
    providers: written.providers
      .filter((provider) => provider.models.some((served) => served.model === model))
      .map((provider) => provider.name),
  }));
  return [...written.platform.routes, ...found];
}

function objective(metric: string, written: string | number, line: number): Objective {
  const unit = metricUnit(metric);
  const limit = unit === undefined ? undefined : parseLimit(written, unit);
  invariant(limit !== undefined, `the cross-checks let through only limits that can be read: ${metric}`);
  return { metric, ...limit, text: String(written), line };
}
