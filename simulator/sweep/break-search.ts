/**
 * Where does it break? The highest multiple of the load that holds, and the lowest one that does not: doubled or halved until
 * the two are found, then bisected on a logarithmic scale until they are near enough.
 *
 * Bisection takes for granted that more load is never better. Where that is not so (a fleet that only scales out when
 * pressed), it still ends with a load that held and a higher one that did not, which is what is then confirmed with other seeds.
 */

export interface BreakSearch {
  /** Whether everything holds at this multiple of the load; undefined: it cannot be played. */
  readonly holds: (factor: number) => Promise<boolean | undefined>;
  /** Whether there is no load between two: whole users, for example. */
  readonly isAdjacent: (heldAt: number, missedAt: number) => boolean;
}

export interface BreakFound {
  /** null: not even the smallest load that was tried holds. */
  readonly heldAt: number | null;
  /** null: it holds at the largest load that was tried, or that could be played. */
  readonly missedAt: number | null;
  /** Loads tried. */
  readonly tried: number;
}

/** Beyond 64 times the load, or below a 64th of it, the scenario is about something else. */
const factorMax = 64;

/** How far apart the two loads may stay, as a fraction of the lower one. */
export const breakPrecision = 0.05;

export async function findBreak({ holds, isAdjacent }: BreakSearch): Promise<BreakFound> {
  let tried = 0;
  const ask = (factor: number): Promise<boolean | undefined> => {
    tried++;
    return holds(factor);
  };
  const holdsNow = await ask(1);
  if (holdsNow === undefined) return { heldAt: null, missedAt: null, tried };
  let heldAt: number | null = holdsNow ? 1 : null;
  let missedAt: number | null = holdsNow ? null : 1;
  for (let factor = 2; holdsNow && missedAt === null && factor <= factorMax; factor *= 2) {
    const answer = await ask(factor);
    if (answer === undefined) break;
    if (answer) heldAt = factor;
    else missedAt = factor;
  }
  for (let factor = 1 / 2; !holdsNow && heldAt === null && factor >= 1 / factorMax; factor /= 2) {
    if ((await ask(factor)) === true) heldAt = factor;
    else missedAt = factor;
  }
  while (heldAt !== null && missedAt !== null && missedAt > heldAt * (1 + breakPrecision)) {
    if (isAdjacent(heldAt, missedAt)) break;
    const middle = Math.sqrt(heldAt * missedAt);
    if ((await ask(middle)) === true) heldAt = middle;
    else missedAt = middle;
  }
  return { heldAt, missedAt, tried };
}
