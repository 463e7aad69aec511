/**
 * The Pareto frontier of cost against margin: the candidates to which no other is better in one and at least as good in the
 * other. Whoever chooses, chooses among these.
 */

export interface Placed {
  /** Less is better. */
  readonly cost: number;
  /** More is better. */
  readonly margin: number;
}

/** The frontier, cheapest first. Of two that are alike in both, both stay. */
export function frontierOf<Candidate extends Placed>(candidates: readonly Candidate[]): readonly Candidate[] {
  const byCost = candidates.toSorted((left, right) => left.cost - right.cost || right.margin - left.margin);
  const frontier: Candidate[] = [];
  for (const candidate of byCost) {
    const last = frontier.at(-1);
    const isAlike = last !== undefined && candidate.cost === last.cost && candidate.margin === last.margin;
    if (last === undefined || candidate.margin > last.margin || isAlike) frontier.push(candidate);
  }
  return frontier;
}
