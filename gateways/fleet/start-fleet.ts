/** The start of a fleet: first its replicas, then what stands in front of them, and nothing left behind if either fails. */
import { invariant } from "../../core/invariant.ts";
import type { RunningGateway } from "../driver.ts";
import { headerValues } from "./addresses.ts";
import type { MovableFleet } from "./live-fleet.ts";
import { BalancedFleet, type BalancedFleetOptions, stopDeadlineMs } from "./balanced-fleet.ts";

/** Starts the front and the first replicas, and waits until all of them serve. Nothing is left running when it throws. */
export async function startBalancedFleet(
  options: BalancedFleetOptions,
  count: number,
  version: string,
  signal: AbortSignal,
): Promise<MovableFleet> {
  invariant(count > 0, "a live fleet begins with a replica");
  const starts = Array.from({ length: count }, () => options.startReplica(options.policy, version, signal));
  const settled = await Promise.allSettled(starts);
  const gateways = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  try {
    const failed = settled.find((one) => one.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    const [first] = gateways;
    invariant(first !== undefined, "at least one was started");
    return await withFront(options, gateways, first, version);
  } catch (cause) {
    await Promise.all(gateways.map((gateway) => gateway.stop(stopDeadlineMs)));
    throw cause;
  }
}

async function withFront(
  options: BalancedFleetOptions,
  gateways: readonly RunningGateway[],
  first: RunningGateway,
  version: string,
): Promise<MovableFleet> {
  const front = await options.startFront(headerValues(options.policy, first.call));
  try {
    const fleet = new BalancedFleet(options, front, first);
    await fleet.begin(gateways, version);
    return fleet;
  } catch (cause) {
    await front.stop(stopDeadlineMs);
    throw cause;
  }
}
