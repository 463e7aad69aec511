/**
 * The schema of a search: which fields of a scenario or of its scaling config are varied, over what, and how many of the
 * combinations are tried.
 *
 *     search: random
 *     samples: 40
 *     vary:
 *       platform.replicas.max: [4, 8, 16]
 *       providers.openai.models.gpt-4o.tpm: { from: 200k, to: 2M }
 *       scaling.spec.minReplicas: { from: 2, to: 10, steps: 5 }
 */
import { exp, ln } from "../elementary.ts";
import * as z from "zod";
import { invalidInput } from "../errors.ts";
import { plural } from "../units.ts";
import { mistakesOf, problemOf } from "./problems.ts";
import { count, fields, namesTo, notAllowed, oneOf, someNamesTo } from "./written.ts";
import { readYaml } from "./yaml-document.ts";

/** A value as it would stand in the file. */
export type FieldValue = string | number | boolean;

/** One field, and what it may be. */
export interface Dimension {
  /** Path of the field: `platform.replicas.max`; one that begins with `scaling.` is a field of the scaling config. */
  readonly path: string;
  readonly values: readonly FieldValue[] | FieldRange;
}

/** Everything between two amounts of the same unit, ends included. */
export interface FieldRange {
  readonly from: number;
  readonly to: number;
  /** What stands before and after the number: `$` and ``, `` and `ms`. */
  readonly prefix: string;
  readonly suffix: string;
  readonly isWhole: boolean;
  /** Even steps of the amount itself, or of its logarithm. */
  readonly spread: "even" | "log";
  /** Points of a grid. */
  readonly steps: number;
}

export interface SearchSpec {
  /**
   * `grid`: every combination. `random`: `samples` of them, each range cut into as many strata (Latin hypercube).
   * `halving`: those of a grid, or of `samples`, half of which go on to twice as many replications until few are left.
   */
  readonly method: "grid" | "random" | "halving";
  /** Undefined: a grid. */
  readonly samples: number | undefined;
  readonly vary: readonly Dimension[];
}

/** Nobody reads a table of more, and a typing error in a range must not start a million simulations. */
export const candidatesMax = 10_000;

const rangeSteps = 5;

const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: (issue) => notAllowed(issue.input, "a value as the file would have it, such as 8 or 200k"),
});

const range = fields(
  {
    from: scalar,
    to: scalar,
    steps: count(`Points of a grid, ends included. Default: ${rangeSteps}.`, 2, 1_000).optional(),
    spread: oneOf(
      ["even", "log"],
      "Whether steps are equally far apart, or equally many times as large. Default: even.",
    ).optional(),
  },
  "Everything between two amounts of the same unit: { from: 200k, to: 2M, steps: 5 }.",
).transform((written, context): FieldRange => {
  const [from, to] = [amountOf(written.from), amountOf(written.to)];
  if (from === undefined || to === undefined || from.prefix !== to.prefix || from.suffix !== to.suffix) {
    context.issues.push({
      code: "custom",
      message: "has ends that are not two amounts of one unit, such as 200k and 2M, or 5s and 20s",
      input: written,
    });
    return z.NEVER;
  }
  if (!(from.amount < to.amount)) {
    context.issues.push({
      code: "custom",
      message: "begins where it ends, or after; needed is from below to",
      input: written,
    });
    return z.NEVER;
  }
  if (written.spread === "log" && from.amount <= 0) {
    context.issues.push({
      code: "custom",
      message: "begins at 0, which has no logarithm; needed is a from above 0",
      input: written,
    });
    return z.NEVER;
  }
  return {
    from: from.amount,
    to: to.amount,
    prefix: from.prefix,
    suffix: from.suffix,
    isWhole: Number.isInteger(from.amount) && Number.isInteger(to.amount),
    spread: written.spread ?? "even",
    steps: written.steps ?? rangeSteps,
  };
});

const values = z
  .array(scalar, { error: (issue) => notAllowed(issue.input, "a list of values, or a range { from, to }") })
  .min(1, { error: () => "is an empty list; needed is at least one value" });

const searchSchema = fields(
  {
    search: oneOf(["grid", "random", "halving"], "How the combinations are chosen. Default: grid.").optional(),
    samples: count("Combinations that are tried; a grid tries all.", 1, candidatesMax).optional(),
    vary: someNamesTo(
      z.union([values, range], {
        error: (issue) => notAllowed(issue.input, "a list of values, or a range { from, to }"),
      }),
      "values",
      "Fields by path, each with a list or a range.",
    ),
    set: namesTo(scalar, "a value", "Fields that are the same in every candidate.").optional(),
  },
  "What `squall plan --search` tries.",
);

/** Reads a search. Throws `search-invalid` with every problem of the file. */
export function parseSearch(text: string, name: string): SearchSpec {
  const document = readYaml(text, name, "search-invalid");
  const parsed = searchSchema.safeParse(document.data, { reportInput: true });
  const mistakes = [
    ...mistakesOf(parsed.error?.issues ?? []),
    ...(parsed.data?.search === "random" && parsed.data.samples === undefined
      ? [
          {
            path: ["search"],
            message: "is random without samples; needed is how many combinations to try, as in samples: 40",
          },
        ]
      : []),
    ...(parsed.data?.search !== "random" && parsed.data?.search !== "halving" && parsed.data?.samples !== undefined
      ? [
          {
            path: ["samples"],
            message: "is given for a grid, which tries every combination",
            hint: "write search: random",
          },
        ]
      : []),
  ];
  if (!parsed.success || mistakes.length > 0) {
    const problems = mistakes.map((mistake) => problemOf(mistake, document));
    throw invalidInput(`search ${name} cannot be used: ${plural(problems.length, "problem")}`, {
      code: "search-invalid",
      problems,
    });
  }
  const { search, samples, vary, set } = parsed.data;
  return {
    method: search ?? "grid",
    samples,
    vary: [
      ...Object.entries(set ?? {}).map(([path, value]): Dimension => ({ path, values: [value] })),
      ...Object.entries(vary).map(([path, written]): Dimension => ({ path, values: written })),
    ],
  };
}

/** A value of a range as the file would have it: whole where both ends are, else to six digits. */
export function valueInRange({ from, to, prefix, suffix, isWhole, spread }: FieldRange, share: number): FieldValue {
  const exact = spread === "log" ? exp(ln(from) + share * (ln(to) - ln(from))) : from + share * (to - from);
  const amount = isWhole ? Math.round(exact) : Number(exact.toPrecision(6));
  return prefix === "" && suffix === "" ? amount : `${prefix}${amount}${suffix}`;
}

/** `200k` is 200,000 without a unit; `$0.10` and `5s` keep theirs. */
function amountOf(
  written: FieldValue,
): { readonly amount: number; readonly prefix: string; readonly suffix: string } | undefined {
  const match = /^(\$?)(\d+(?:\.\d+)?)([kMB]?)((?:ms|s|m|h|d|%|\/s|\/m|\/h)?)$/.exec(String(written).trim());
  if (match === null) return undefined;
  const [, prefix = "", digits = "", magnitude = "", suffix = ""] = match;
  const zeros = { k: 3, M: 6, B: 9 }[magnitude] ?? 0;
  return { amount: Number(`${digits}e${zeros}`), prefix, suffix };
}
