/**
 * Successive halving (Jamieson and Talwalkar, AISTATS 2016): all candidates get little attention, the better half of them twice
 * as much, and so on. What is shared out here is replications, never a shorter scenario: a launch that is cut off before its
 * peak says nothing.
 */

export interface HalvingRound {
  /** Candidates that are still in. */
  readonly candidates: number;
  /** Replications that each of them has at the end of the round. */
  readonly replications: number;
}

/** Candidates that the last round has at least, where there were as many. */
const survivorsMin = 4;

/** The rounds for so many candidates: replications double up to `replicationsMax`, candidates halve down to a few. */
export function halvingRounds(candidates: number, replicationsMax: number): readonly HalvingRound[] {
  const rounds: HalvingRound[] = [];
  let left = candidates;
  for (let replications = 1; ; replications *= 2) {
    const isLast = replications >= replicationsMax || left <= survivorsMin;
    rounds.push({ candidates: left, replications: isLast ? replicationsMax : replications });
    if (isLast) return rounds;
    left = Math.max(Math.min(survivorsMin, candidates), Math.ceil(left / 2));
  }
}
