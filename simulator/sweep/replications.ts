/**
 * Seeds of independent replications: the same scenario, other luck.
 *
 * Replication 0 has the scenario's own seed, so that one replication is `squall simulate` to the byte. The others take theirs
 * from a stream of its own. All candidates share them: they meet the same requests and the same latencies (common random numbers;
 * Law, Simulation Modeling and Analysis, 5th ed., ch. 11.2), so what differs between them is the candidate.
 */
import { randomStream } from "../../core/random.ts";

export function replicationSeed(seed: number, replication: number): number {
  return replication === 0
    ? seed
    : randomStream(seed)
        .split("replication")
        .split(replication)
        .integer(2 ** 32);
}
