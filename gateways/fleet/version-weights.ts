/**
 * Shares by version as weights of replicas: of two versions with 90 and 10 %, nine of ten requests go to the first, however
 * many replicas run either.
 */

interface Versioned {
  readonly version: string;
}

/** 1 for the replica that gets most, 0 for one whose version has no share. */
export function weightsOf<Replica extends Versioned>(
  replicas: readonly Replica[],
  shares: Readonly<Record<string, number>>,
): ReadonlyMap<Replica, number> {
  const own = replicas.map(({ version }) => {
    return (shares[version] ?? 0) / replicas.filter((other) => other.version === version).length;
  });
  const most = Math.max(...own);
  return new Map(replicas.map((replica, index) => [replica, most === 0 ? 0 : (own[index] ?? 0) / most]));
}
