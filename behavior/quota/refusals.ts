/** How a limiter says no: the limit that a call met, in the words that every algorithm shares. */
import type { Ms } from "../../core/time.ts";
import type { Counter, Meter } from "./counters.ts";
import type { Admission, QuotaRefusal } from "./quota.ts";

/** A call that can never pass: it is larger than the whole limit. */
export function tooLarge({ limit }: Pick<Counter, "limit">, requested: number, label: string = limit.label): Admission {
  return refused({ kind: "request-too-large", label, limit: limit.amount, requested, ...scopeOf(limit) });
}

export interface Overrun {
  /** What is in use of the limit, rounded up. */
  readonly used: number;
  readonly requested: number;
  readonly retryAfterMs: Ms;
  /** In place of the limit's own. */
  readonly label?: string;
}

/** A call that comes too early. */
export function overrun(
  { limit }: Pick<Counter<Meter>, "limit">,
  { used, requested, retryAfterMs, label = limit.label }: Overrun,
): Admission {
  const { dimension, amount, scope } = limit;
  const plain = {
    kind: "rate-limit",
    dimension,
    label,
    limit: amount,
    used: Math.ceil(used),
    requested,
    retryAfterMs,
  } as const;
  return refused(scope === undefined ? plain : { ...plain, scope });
}

function refused(refusal: QuotaRefusal): Admission {
  return { kind: "refused", refusal };
}

function scopeOf({ scope }: Counter["limit"]): Pick<QuotaRefusal, "scope"> {
  return scope === undefined ? {} : { scope };
}
