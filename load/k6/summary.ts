/**
 * Reads the summary that k6 writes with `--summary-export` or hands to `handleSummary`, in both of its forms.
 *
 * The old form (k6 until version 2 in general) has an object of metrics with their numbers side by side, where a threshold
 * that was missed is `true`. The new one (`--new-machine-readable-summary`) has lists under `results`, where percentiles are
 * written `p95` in place of `p(95)`, and a threshold says whether it passed.
 */
import { invalidInput } from "../../core/errors.ts";
import { entries, field, isMapping, items } from "../../core/raw-data.ts";

export interface K6Summary {
  /** `v2.2.0`; undefined in the old form, which does not say. */
  readonly version: string | undefined;
  /** In the order of the file; with tags in braces where the metric is a part of another: `squall_ttft{phase:load}`. */
  readonly metrics: readonly SummaryMetric[];
}

export interface SummaryMetric {
  readonly name: string;
  /** By k6's old names: `avg`, `min`, `med`, `max`, `p(95)`, `count`, `rate`, `value`, `passes`, `fails`. */
  readonly values: Readonly<Record<string, number>>;
  /** Empty in the new form. */
  readonly thresholds: readonly { readonly condition: string; readonly held: boolean }[];
}

/** Throws `k6-summary-malformed` for text that is no summary of k6. */
export function readK6Summary(text: string, name: string): K6Summary {
  const document = parseJson(text);
  const results = field(document, "results");
  if (isMapping(results)) return readNew(document, results);
  const metrics = field(document, "metrics");
  if (isMapping(metrics)) return { version: undefined, metrics: entries(metrics).map(readOldMetric) };
  throw invalidInput(`${name} is no summary of k6: it has neither "results" nor "metrics"`, {
    code: "k6-summary-malformed",
    hint: "write one with k6 run --summary-export FILE",
  });
}

function readOldMetric([name, value]: readonly [string, unknown]): SummaryMetric {
  const thresholds = entries(field(value, "thresholds")).map(([condition, missed]) => ({
    condition,
    held: missed !== true,
  }));
  const values = isMapping(field(value, "values")) ? field(value, "values") : value;
  return { name, values: numbersIn(values), thresholds };
}

function readNew(document: unknown, results: object): K6Summary {
  const version = field(field(document, "metadata"), "k6_version");
  const checks = items(field(field(results, "checks"), "metrics"));
  const metrics = [...items(field(results, "metrics")), ...checks].map((metric) => ({
    name: String(field(metric, "name")),
    values: numbersIn(field(metric, "values")),
    thresholds: [],
  }));
  return { version: typeof version === "string" ? `v${version}` : undefined, metrics };
}

/** Numbers by their old names: `p95` is `p(95)`, `matches` of `total` are passes and fails. */
function numbersIn(values: unknown): Readonly<Record<string, number>> {
  const numbers = entries(values).flatMap(([name, value]): (readonly [string, number])[] =>
    typeof value === "number" ? [[name.replace(/^p(\d+(?:\.\d+)?)$/, "p($1)"), value]] : [],
  );
  const read = Object.fromEntries(numbers);
  const { matches, total, ...rest } = read;
  if (matches === undefined || total === undefined) return read;
  return { ...rest, passes: matches, fails: total - matches, value: rest["rate"] ?? 0 };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
