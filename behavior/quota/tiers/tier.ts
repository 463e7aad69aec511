/** A published tier as data: whose it is, whether it still holds, and its limits per model, each row with its source. */
import type { Dialect } from "../../../core/scenario/provider-spec.ts";
import type { TierLimits } from "../../../core/scenario/quota-tiers.ts";

export interface QuotaTier {
  /** `openai-launch`. */
  readonly name: string;
  readonly dialect: Dialect;
  /** Whether the provider still publishes it, and since when it does not. */
  readonly status: TierStatus;
  readonly rows: readonly TierRow[];
}

export type TierStatus =
  | { readonly kind: "current" }
  | { readonly kind: "superseded"; readonly since: string }
  /** The last numbers that were published; the provider now shows its own to each customer alone. */
  | { readonly kind: "unpublished" };

export interface TierRow {
  /** As providers write them, without date and version; `*` stands for anything. */
  readonly models: readonly string[];
  readonly limits: TierLimits;
  readonly source: TierSource;
  /** What to know before believing it. */
  readonly note?: string;
}

export interface TierSource {
  readonly what: string;
  /** When it was read, or the date it carries. */
  readonly date: string;
  /** Read in the original (or a copy of it), or told by somebody who read it. */
  readonly kind: "original" | "secondary";
}

/** One line of a published table: the same models on every rung of a ladder. `undefined`: not published for that rung. */
export interface LadderRow extends Omit<TierRow, "limits"> {
  readonly perTier: readonly (TierLimits | undefined)[];
}

/** The tiers of a ladder, from its table. */
export function ladder(
  about: Pick<QuotaTier, "dialect" | "status">,
  names: readonly string[],
  table: readonly LadderRow[],
): readonly QuotaTier[] {
  return names.map((name, rung) => ({
    ...about,
    name,
    rows: table.flatMap(({ perTier, ...row }) => {
      const limits = perTier[rung];
      return limits === undefined ? [] : [{ ...row, limits }];
    }),
  }));
}
