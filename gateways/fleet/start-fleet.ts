/** The start of a fleet: first its replicas, then what stands in front of them, and nothing left behind if either fails. */
import { invariant } from "../../core/invariant.ts";
import type { RunningGateway } from "../driver.ts";
import { headerValues } from "./addresses.ts";
import type { LiveFleet } from "./live-fleet.ts";
import { ProcessFleet, type ProcessFleetOptions, stopDeadlineMs } from "./process-fleet.ts";

/** Starts the front and the first replicas, and waits until all of them serve. Nothing is left running when it throws. */
export async function startProcessFleet(
  options: ProcessFleetOptions,
  count: number,
  version: string,
  signal: AbortSignal,
): Promise<LiveFleet> {
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
  options: ProcessFleetOptions,
  gateways: readonly RunningGateway[],
  first: RunningGateway,
  version: string,
): Promise<LiveFleet> {
  const front = await options.startFront(headerValues(options.policy, first.call));
  try {
    const fleet = new ProcessFleet(options, front, first);
    await fleet.begin(gateways, version);
    return fleet;
  } catch (cause) {
    await front.stop(stopDeadlineMs);
    throw cause;
  }
}
