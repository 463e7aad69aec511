/**
 * Samples over time, as a Prometheus server keeps them in memory: one list for each series, no older than anybody looks.
 *
 * A series that was there at one scrape and is not at the next is marked stale, so that it is gone at once and not for five
 * minutes more (Prometheus, "Staleness").
 */
import { invariant } from "../../../core/invariant.ts";
import type { Ms } from "../../../core/time.ts";

/** `__name__` is not among them. */
export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** Points in order of time. */
export interface Series {
  readonly labels: Labels;
  readonly timesMs: Ms[];
  readonly values: number[];
  /** What the counter had lost to resets up to each point, so that growth is a difference of two points. */
  readonly lost: number[];
  /** Instants at which the series was found gone. */
  readonly goneMs: Ms[];
}

/** Points are dropped in batches of at least so many. */
const dropAtLeast = 1_024;

export class SeriesStore {
  readonly #keepMs: Ms;
  readonly #byName = new Map<string, Map<string, Series>>();
  /** Of labels that come again with every scrape; to sort them anew each time would be most of the work. */
  readonly #keys = new WeakMap<Labels, Map<string, string>>();
  /** What each source (a scrape, a rule) had at its last turn. */
  readonly #present = new Map<string, Map<string, Series>>();

  /** Keeps what is at most `keepMs` old. */
  constructor(keepMs: Ms) {
    this.#keepMs = keepMs;
  }

  /** All samples of one source at one instant; instants of a source grow. */
  append(source: string, atMs: Ms, samples: Iterable<Sample>): void {
    const before = this.#present.get(source);
    const now = new Map<string, Series>();
    for (const { name, labels, value } of samples) {
      const key = this.#keyOf(name, labels);
      const series = before?.get(key) ?? this.#series(name, labels);
      invariant(!now.has(key), `two samples of ${key} at ${atMs} ms`);
      now.set(key, series);
      push(series, atMs, value);
      this.#dropOld(series, atMs);
    }
    for (const [key, series] of before ?? []) if (!now.has(key)) series.goneMs.push(atMs);
    this.#present.set(source, now);
  }

  /** Series of a metric, in the order in which they came. */
  named(name: string): Iterable<Series> {
    return this.#byName.get(name)?.values() ?? [];
  }

  #keyOf(name: string, labels: Labels): string {
    let keys = this.#keys.get(labels);
    if (keys === undefined) {
      keys = new Map();
      this.#keys.set(labels, keys);
    }
    let key = keys.get(name);
    if (key === undefined) {
      key = `${name}${labelsKey(labels)}`;
      keys.set(name, key);
    }
    return key;
  }

  #series(name: string, labels: Labels): Series {
    let family = this.#byName.get(name);
    if (family === undefined) {
      family = new Map();
      this.#byName.set(name, family);
    }
    const key = labelsKey(labels);
    let series = family.get(key);
    if (series === undefined) {
      series = { labels: withoutEmpty(labels), timesMs: [], values: [], lost: [], goneMs: [] };
      family.set(key, series);
    }
    return series;
  }

  #dropOld({ timesMs, values, lost, goneMs }: Series, nowMs: Ms): void {
    const count = indexAfter(timesMs, nowMs - this.#keepMs - 1);
    if (count < dropAtLeast || count < timesMs.length / 2) return;
    timesMs.splice(0, count);
    values.splice(0, count);
    lost.splice(0, count);
    goneMs.splice(0, indexAfter(goneMs, nowMs - this.#keepMs - 1));
  }
}

/** Number of instants up to and including `atMs`, which is the index of the first one after it. */
export function indexAfter(timesMs: readonly Ms[], atMs: Ms): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timesMs[middle] ?? 0) <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Equal labels, equal key; an empty label is as good as none. */
export function labelsKey(labels: Labels): string {
  let key = "";
  for (const name of Object.keys(labels).sort()) {
    if (labels[name] !== "") key += `\u0001${name}\u0002${labels[name]}`;
  }
  return key;
}

function withoutEmpty(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""));
}

function push({ timesMs, values, lost }: Series, atMs: Ms, value: number): void {
  const last = values.length - 1;
  const previous = values[last];
  invariant(last < 0 || (timesMs[last] ?? 0) < atMs, "samples come in order of time");
  timesMs.push(atMs);
  values.push(value);
  lost.push((lost[last] ?? 0) + (previous !== undefined && value < previous ? previous : 0));
}
