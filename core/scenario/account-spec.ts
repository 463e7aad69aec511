/** API keys and what stands behind them, complete. `behavior/quota/quota.ts` says what the limiters make of it. */
import type { Ms } from "../time.ts";

export interface AccountSpec {
  readonly apiKey: string;
  readonly secretKey?: string;
  readonly organization: string;
  readonly project?: string;
  readonly state: "active" | "insufficient-quota";
  /** In place of all others. */
  readonly limits?: readonly LimitSpec[];
  /** On top of the models' own, outermost first. */
  readonly organizationLimits?: readonly LimitSpec[];
  readonly projectLimits?: readonly LimitSpec[];
  readonly projectTotalLimits?: readonly LimitSpec[];
  readonly keyLimits?: readonly LimitSpec[];
}

export interface LimitSpec {
  readonly dimension: "requests" | "tokens" | "inputTokens" | "outputTokens";
  readonly amount: number;
  readonly perMs: Ms;
  readonly label: string;
}
