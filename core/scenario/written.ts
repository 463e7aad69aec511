/**
 * How scenario files write things: the building blocks of the schema, and the words for what is wrong.
 *
 * Every block says in its own words what is allowed, so that an error reads: what was given, what is allowed. Messages are
 * whole predicates; a problem puts the path before them: `traffic.warmup is "many"; allowed is a whole number, 0 or more`.
 */
import * as z from "zod";
import { isLegible, quoted } from "../legible.ts";
import { parseMoney } from "../money.ts";
import { formatDuration, type Ms, parseDuration } from "../time.ts";
import { parseCount, parseRate, parseShare } from "../units.ts";

/** A value that people write as text or as a number, and that Squall reads as a number in its own unit. */
export type Written = z.ZodType<number, string | number>;

/** A duration with its unit; a bare 0 needs none. Output in milliseconds. */
export function duration(description: string): Written {
  return quantity("a duration with its unit, such as 30s, 250ms or 1h30m", description, (given) =>
    parseDuration(typeof given === "number" && given !== 0 ? "" : String(given)),
  );
}

/** A duration above 0, or of at least `leastMs`. */
export function someTime(description: string, leastMs: Ms = 0): Written {
  const which = leastMs === 0 ? "above 0" : `of ${formatDuration(leastMs)} or more`;
  return quantity(`a duration ${which} with its unit, such as 30s, 250ms or 1h30m`, description, (given) => {
    const durationMs = typeof given === "string" ? parseDuration(given) : undefined;
    return durationMs === undefined || durationMs === 0 || durationMs < leastMs ? undefined : durationMs;
  });
}

/** A whole number, with k, M and B for thousands, millions and billions. */
export function count(description: string, min: number, max: number = countMax): Written {
  const limits = max === countMax ? `${min} or more` : `from ${min} to ${max}`;
  const example = max >= 20_000 ? ", such as 20 or 20k" : "";
  return quantity(`a whole number, ${limits}${example}`, description, (given) => {
    const value = parseCount(String(given));
    return value !== undefined && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
  });
}

/** The largest count that means anything here; a sum of many stays exact. */
const countMax = 1e12;

/** A plain number from `min` on, fractions allowed. */
export function factor(description: string, min: number): Written {
  return quantity(`a number, ${min} or more`, description, (given) =>
    typeof given === "number" && Number.isFinite(given) && given >= min ? given : undefined,
  );
}

/** A share from 0 to 1, written as a percentage or as a fraction. */
export function share(description: string): Written {
  return quantity("a share such as 90% or 0.9, at most 100%", description, (given) => {
    const value = parseShare(String(given));
    return value !== undefined && value <= 1 ? value : undefined;
  });
}

/** A share of any size: 20% is less, 200% twice as much. */
export function portion(description: string): Written {
  return quantity("a percentage such as 50% or 200%", description, (given) => parseShare(String(given)));
}

/** An amount of money in nano-dollars. */
export function money(description: string): Written {
  return quantity("an amount of dollars such as $0.10, or 0", description, (given) =>
    given === 0 || given === "0" ? 0 : parseMoney(String(given)),
  );
}

/** Arrivals per millisecond. */
export function rate(description: string): Written {
  return quantity("a rate such as 20/s, 600/m or 36k/h", description, (given) => parseRate(String(given)));
}

/** Two rates and what lies between: `20/s .. 200/s`. */
export function rateRamp(description: string): z.ZodType<readonly [number, number], string> {
  const what = "two rates such as 20/s .. 200/s";
  return z
    .string({ error: (issue) => notAllowed(issue.input, what) })
    .transform((given, context): readonly [number, number] => {
      const [from, to, ...more] = given.split("..").map((part) => parseRate(part));
      if (from !== undefined && to !== undefined && more.length === 0) return [from, to];
      context.issues.push({ code: "custom", message: notAllowed(given, what), input: given });
      return z.NEVER;
    })
    .meta({ description });
}

/** One of a few names. */
export function oneOf<const Names extends readonly [string, ...string[]]>(
  names: Names,
  description: string,
): z.ZodType<Names[number], Names[number]> {
  return z
    .enum(names, {
      error: (issue) => notAllowed(issue.input, names.length === 1 ? names[0] : `one of ${names.join(", ")}`),
    })
    .meta({ description });
}

export function yesOrNo(description: string): z.ZodType<boolean, boolean> {
  return z.boolean({ error: (issue) => notAllowed(issue.input, "true or false") }).meta({ description });
}

export function text(what: string, description: string, pattern: RegExp = /\S/): z.ZodType<string, string> {
  const error = (issue: { readonly input?: unknown }): string => notAllowed(issue.input, what);
  return z.string({ error }).regex(pattern, { error }).meta({ description });
}

/** A list with at least one item. */
export function listOf<Item extends z.ZodType>(item: Item, what: string, description: string): z.ZodArray<Item> {
  const error = (issue: { readonly input?: unknown }): string => notAllowed(issue.input, `a list of ${what}`);
  return z
    .array(item, { error })
    .min(1, { error: () => `is an empty list; needed is at least one of ${what}` })
    .meta({ description });
}

/** What a name of the user's own may be. */
export interface NameRule {
  readonly name: z.ZodString;
  /** In words, after "allowed are". */
  readonly allowed: string;
}

/** Names stand in messages, tables and charts. */
const anyName: NameRule = {
  name: z.string().min(1).max(128).refine(isLegible),
  allowed: "1 to 128 characters that can be printed",
};

/** Names that the user makes up, each with a value of the same kind. */
export function namesTo<Value extends z.ZodType>(
  value: Value,
  what: string,
  description: string,
  rule: NameRule = anyName,
): z.ZodRecord<z.ZodString, Value> {
  return z
    .record(rule.name, value, {
      error: (issue) =>
        issue.code === "invalid_key"
          ? `cannot be a name here; allowed are ${rule.allowed}`
          : notAllowed(issue.input, `names with ${what}, such as name: value`),
    })
    .meta({ description });
}

/** The same, and at least one of them. */
export function someNamesTo<Value extends z.ZodType>(
  value: Value,
  what: string,
  description: string,
  rule: NameRule = anyName,
): z.ZodRecord<z.ZodString, Value> {
  return namesTo(value, what, description, rule)
    .refine((given) => Object.keys(given).length > 0, {
      error: () => `is empty; needed is at least one name with ${what}`,
    })
    .meta({ description, minProperties: 1 });
}

/**
 * Named fields and no others. zod tells the translator of an unknown key its message and not the schema, so the message
 * carries the known names; `problems.ts` splits it again.
 */
export function fields<Shape extends z.ZodRawShape>(
  shape: Shape,
  description: string,
): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z
    .strictObject(shape, {
      error: (issue) =>
        issue.code === "unrecognized_keys"
          ? known.join(knownSeparator)
          : notAllowed(issue.input, `a mapping of ${known.join(knownSeparator)}`),
    })
    .meta({ description });
}

export const knownSeparator = ", ";

/** `is "soon"; allowed is ...`, or that it is missing. */
export function notAllowed(given: unknown, what: string): string {
  if (given === undefined) return `is missing; needed is ${what}`;
  if (given === null) return `is empty; needed is ${what}`;
  return `is ${shown(given)}; allowed is ${what}`;
}

/** What a file says at a place, in short. */
export function shown(given: unknown): string {
  if (Array.isArray(given)) return "a list";
  if (typeof given === "object") return "a mapping";
  if (typeof given === "string") return quoted(given);
  return typeof given === "number" ? String(given) : JSON.stringify(given);
}

function quantity(what: string, description: string, read: (given: string | number) => number | undefined): Written {
  return z
    .union([z.string(), z.number()], { error: (issue) => notAllowed(issue.input, what) })
    .transform((given, context) => {
      const value = read(given);
      if (value !== undefined) return value;
      context.issues.push({ code: "custom", message: notAllowed(given, what), input: given });
      return z.NEVER;
    })
    .meta({ description: `${description} Written as ${what}.` });
}
