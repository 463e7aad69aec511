/**
 * A Grafana dashboard over the families of a run (`families.ts`): the same queries as the alerts, with the scenario's objectives as
 * lines in the pictures.
 *
 * Shapes follow Grafana's dashboard JSON model (grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model,
 * `schemaVersion` 41 of Grafana 12, which newer ones migrate by themselves): a grid 24 columns wide, panels of the core plugins `timeseries` and
 * `stat`, units by Grafana's ids.
 */
import { type AlertsSpec, signalUnit } from "../../../core/scenario/alert-schema.ts";
import type { MetricUnit } from "../../../core/scenario/metrics.ts";
import type { Objective, Scenario } from "../../../core/scenario/scenario.ts";
import type { SloSpec } from "../../../core/scenario/slo-schema.ts";
import { hourMs, minuteMs, type Ms } from "../../../core/time.ts";
import { formatShare } from "../../../core/units.ts";
import { binary, type Expression, latest, number, rate, sum } from "../promql/expression.ts";
import { printExpression, printWindow } from "../promql/print.ts";
import { badShareOver, limitInFamilyUnits, signalOver } from "../signals.ts";

/** To be written as JSON, and imported or provisioned as it is. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly schemaVersion: number;
  readonly editable: boolean;
  readonly refresh: string;
  /** 1: the instants of all panels are marked together. */
  readonly graphTooltip: 1;
  readonly time: { readonly from: string; readonly to: string };
  readonly templating: { readonly list: readonly object[] };
  readonly annotations: { readonly list: readonly object[] };
  readonly panels: readonly (DashboardPanel | DashboardRow)[];
}

export interface DashboardPanel {
  readonly id: number;
  readonly type: "timeseries" | "stat";
  readonly title: string;
  readonly description: string;
  readonly gridPos: GridPos;
  readonly datasource: DataSource;
  readonly targets: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource: DataSource;
  }[];
  readonly fieldConfig: { readonly defaults: object; readonly overrides: readonly [] };
  readonly options: object;
}

export interface DashboardRow {
  readonly id: number;
  readonly type: "row";
  readonly title: string;
  readonly collapsed: false;
  readonly gridPos: GridPos;
  readonly panels: readonly [];
}

export interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface DataSource {
  readonly type: "prometheus";
  readonly uid: string;
}

/** A picture before it has its place. */
interface Picture {
  readonly kind: "timeseries" | "stat";
  readonly title: string;
  readonly says: string;
  readonly unit: string;
  readonly lines: readonly { readonly of: Expression; readonly named: string }[];
  readonly limits?: readonly Limit[];
  readonly isStacked?: boolean;
}

/** In the families' unit. */
interface Limit {
  readonly value: number;
  /** Whether what lies above it is bad, or what lies below. */
  readonly above: boolean;
}

/** The one that the reader chooses; every query goes there. */
const dataSource: DataSource = { type: "prometheus", uid: "${datasource}" };
const gridWidth = 24;
const rowHeight = 1;
const statHeight = 4;
const graphHeight = 8;

/**
 * A row for what was promised, then traffic, latency, limits and money, the fleet. Windows are four scrapes long, the shortest that
 * bears the loss of one (Grafana's `$__rate_interval` is chosen so too).
 */
export function dashboardOf(scenario: Scenario, { scrapeMs }: Pick<AlertsSpec, "scrapeMs">): Dashboard {
  const windowMs = Math.max(minuteMs, 4 * scrapeMs);
  const graphs = (title: string, pictures: readonly Picture[]): Section => ({ title, pictures });
  return {
    uid: `squall-${scenario.name}`.slice(0, uidLength),
    title: `Squall: ${scenario.name}`,
    description: scenario.about,
    tags: ["squall", "ai-gateway"],
    schemaVersion: 41,
    editable: true,
    refresh: printWindow(scrapeMs),
    graphTooltip: 1,
    time: { from: "now-30m", to: "now" },
    templating: {
      list: [{ name: "datasource", label: "Prometheus", type: "datasource", query: "prometheus", hide: 0 }],
    },
    annotations: { list: [firingAlerts] },
    panels: laidOut(
      [
        graphs("What was promised", promised(scenario, windowMs)),
        graphs("Traffic", traffic(windowMs)),
        graphs("Latency of answered requests", latency(scenario.objectives, windowMs)),
        graphs("Limits and money", money(scenario.objectives, windowMs)),
        graphs("Fleet", fleet(scenario.objectives)),
      ].filter(({ pictures }) => pictures.length > 0),
    ),
  };
}

/** Grafana's own bound. */
const uidLength = 40;

/** Alerts that fire, as a band over every picture: Prometheus keeps them as the series `ALERTS`. */
const firingAlerts: object = {
  name: "Firing alerts",
  datasource: dataSource,
  enable: true,
  iconColor: "red",
  expr: 'ALERTS{alertstate="firing"}',
  titleFormat: "{{alertname}}",
  textFormat: "{{severity}}",
  step: "15s",
};

/** One figure for each objective that Prometheus can know, and for each service level. */
function promised({ objectives, slo }: Scenario, windowMs: Ms): readonly Picture[] {
  const figures = objectives.flatMap((objective): readonly Picture[] => {
    const signal = signalOf(objective.metric);
    if (signal === undefined) return [];
    return [
      {
        kind: "stat",
        title: `${objective.metric} ${objective.text}`,
        says: `Over ${printWindow(windowMs)}`,
        unit: grafanaUnits[signal.unit],
        lines: [{ of: signalOver(signal.name, windowMs), named: objective.metric }],
        limits: limitsOn([objective], signal.name),
      },
    ];
  });
  return [...figures, ...(slo ?? []).map(burn)];
}

function burn({ name, target, good }: SloSpec): Picture {
  return {
    kind: "stat",
    title: `Burn rate of ${name}`,
    says: `Of the error budget, over 1h: 1 is as fast as ${formatShare(target)} allows`,
    unit: "none",
    lines: [{ of: binary(badShareOver(good, hourMs), "/", binary(number(1), "-", number(target))), named: name }],
    limits: [{ value: 1, above: true }],
  };
}

function traffic(windowMs: Ms): readonly Picture[] {
  const perSecond = (metric: string, by: string): Expression => sum(rate(metric, windowMs), [by]);
  return [
    {
      kind: "timeseries",
      title: "Requests per second, by outcome",
      says: "As clients saw them end",
      unit: "reqps",
      lines: [{ of: perSecond("squall_requests_total", "outcome"), named: "{{outcome}}" }],
      isStacked: true,
    },
    {
      kind: "timeseries",
      title: "Requests per second, by tenant",
      says: "",
      unit: "reqps",
      lines: [{ of: perSecond("squall_requests_total", "tenant"), named: "{{tenant}}" }],
      isStacked: true,
    },
    {
      kind: "timeseries",
      title: "Calls to providers per request",
      says: "Above 1: retries and fallbacks",
      unit: "none",
      lines: [{ of: signalOver("calls.per-request", windowMs), named: "calls" }],
    },
  ];
}

function latency(objectives: readonly Objective[], windowMs: Ms): readonly Picture[] {
  return [
    { kind: "ttft", title: "Time to first token" },
    { kind: "itl", title: "Time between tokens" },
    { kind: "e2e", title: "End to end" },
  ].map(({ kind, title }) => ({
    kind: "timeseries",
    title,
    says: "Read off histogram buckets",
    unit: grafanaUnits.ms,
    lines: ["p50", "p95", "p99"].map((percentile) => ({
      of: signalOver(`${kind}.${percentile}`, windowMs),
      named: percentile,
    })),
    limits: limitsOn(objectives, `${kind}.`),
  }));
}

function money(objectives: readonly Objective[], windowMs: Ms): readonly Picture[] {
  return [
    {
      kind: "timeseries",
      title: "Tokens as a share of the limit",
      says: "Charged in the past minute, by provider; absent without a limit",
      unit: grafanaUnits.share,
      lines: [{ of: signalOver("tokens.of-limit", windowMs), named: "{{provider}}" }],
      limits: limitsOn(objectives, "tokens.of-limit"),
    },
    {
      kind: "timeseries",
      title: "Tokens per minute",
      says: "Of the requests that ended",
      unit: "short",
      lines: [
        {
          of: binary(sum(rate("squall_tokens_total", windowMs), ["direction"]), "*", number(60)),
          named: "{{direction}}",
        },
      ],
      isStacked: true,
    },
    {
      kind: "timeseries",
      title: "Cost per hour",
      says: "What providers charge",
      unit: grafanaUnits.money,
      lines: [{ of: signalOver("cost.per-hour", windowMs), named: "cost" }],
      limits: limitsOn(objectives, "cost.per-hour"),
    },
  ];
}

function fleet(objectives: readonly Objective[]): readonly Picture[] {
  return [
    {
      kind: "timeseries",
      title: "Requests waiting for room",
      says: "For a place on an instance of the gateway",
      unit: "none",
      lines: [{ of: sum(latest("squall_queue_depth")), named: "waiting" }],
      limits: limitsOn(objectives, "queue.depth"),
    },
    {
      kind: "timeseries",
      title: "Replicas",
      says: "Wished, starting, ready, draining",
      unit: "none",
      lines: [{ of: sum(latest("squall_replicas"), ["state"]), named: "{{state}}" }],
    },
  ];
}

const grafanaUnits: Readonly<Record<MetricUnit, string>> = {
  ms: "s",
  share: "percentunit",
  money: "currencyUSD",
  count: "none",
};

/** The limits that objectives set on the signals whose names begin so. */
function limitsOn(objectives: readonly Objective[], signals: string): readonly Limit[] {
  return objectives.flatMap(({ metric, comparison, limit }) => {
    const signal = signalOf(metric);
    if (signal === undefined || !signal.name.startsWith(signals)) return [];
    return [{ value: limitInFamilyUnits(signal.name, limit), above: comparison !== ">" && comparison !== ">=" }];
  });
}

/** What an objective is about, where Prometheus can know it: a run's greatest value is a signal at its worst. */
function signalOf(metric: string): { readonly name: string; readonly unit: MetricUnit } | undefined {
  const name =
    metric === "queue.depth.max" || metric === "tokens.of-limit.max" ? metric.slice(0, -".max".length) : metric;
  const unit = signalUnit(name);
  return unit === undefined ? undefined : { name, unit };
}

interface Section {
  readonly title: string;
  readonly pictures: readonly Picture[];
}

/** Each section under its heading; its pictures share the width, at most four of them in a line. */
function laidOut(sections: readonly Section[]): readonly (DashboardPanel | DashboardRow)[] {
  const panels: (DashboardPanel | DashboardRow)[] = [];
  let y = 0;
  for (const { title, pictures } of sections) {
    const gridPos = { x: 0, y, w: gridWidth, h: rowHeight };
    panels.push({ id: panels.length + 1, type: "row", title, collapsed: false, gridPos, panels: [] });
    y += rowHeight;
    const inLine = Math.min(4, pictures.length);
    const w = gridWidth / inLine;
    for (const [index, picture] of pictures.entries()) {
      const h = picture.kind === "stat" ? statHeight : graphHeight;
      panels.push(panelOf(picture, panels.length + 1, { x: (index % inLine) * w, y, w, h }));
      if (index % inLine === inLine - 1 || index === pictures.length - 1) y += h;
    }
  }
  return panels;
}

function panelOf({ kind, title, says, unit, lines, limits = [], isStacked }: Picture, id: number, gridPos: GridPos) {
  const custom = {
    drawStyle: "line",
    lineWidth: 2,
    fillOpacity: isStacked === true ? 30 : 0,
    stacking: { mode: isStacked === true ? "normal" : "none", group: "A" },
    thresholdsStyle: { mode: limits.length === 0 ? "off" : "dashed" },
  };
  return {
    id,
    type: kind,
    title,
    description: says,
    gridPos,
    datasource: dataSource,
    targets: lines.map(({ of, named }, index) => ({
      refId: String.fromCodePoint(firstRefId + index),
      expr: printExpression(of),
      legendFormat: named,
      datasource: dataSource,
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        thresholds: { mode: "absolute", steps: stepsOf(limits) },
        ...(kind === "timeseries" ? { custom } : {}),
      },
      overrides: [],
    },
    options:
      kind === "timeseries"
        ? { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } }
        : { colorMode: "value", graphMode: "area", reduceOptions: { calcs: ["lastNotNull"] } },
  } satisfies DashboardPanel;
}

const firstRefId = 65; // A

/** Colours from below to above; the first step has no value, which is minus infinity. */
function stepsOf(limits: readonly Limit[]): readonly { readonly value: number | null; readonly color: string }[] {
  const [first] = limits;
  if (first === undefined) return [{ value: null, color: "green" }];
  const [below, above] = first.above ? ["green", "red"] : ["red", "green"];
  const values = limits.map(({ value }) => value).toSorted((left, right) => left - right);
  return [{ value: null, color: below }, ...values.map((value) => ({ value, color: above }))];
}
