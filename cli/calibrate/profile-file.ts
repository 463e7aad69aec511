/** A calibrated profile as it is written to a file: what the simulator needs, and where the numbers come from. */
import { cpus, totalmem } from "node:os";
import type { Failover, GatewayProfile } from "../../behavior/gateway-profile.ts";
import { formatShare } from "../../core/units.ts";
import type { ProbeFindings } from "../probe/findings.ts";
import type { Calibration } from "./calibrate.ts";

export interface ProfileFile {
  readonly format: 1;
  readonly profile: GatewayProfile;
  readonly measured: Omit<Calibration, "profile">;
  readonly machine: string;
  readonly measuredAt: string;
  /** Longest pause of a lone provider, by status that led to it, where a probe has found one. */
  readonly cooldownMs: Readonly<Record<string, number>>;
}

export interface Measured {
  readonly calibration: Calibration;
  /** Of a probe of the same gateway; without them the profile leaves failures as they are. */
  readonly findings: ProbeFindings | undefined;
  /** Share of the machine that other programs used meanwhile. */
  readonly others: number;
  readonly now: Date;
}

/** A machine that others use more than this of is not quiet. */
const quietShare = 0.05;

export function profileFile({ calibration, findings, others, now }: Measured): ProfileFile {
  const { profile, ...measured } = calibration;
  const machine = machineInWords();
  const shared = others > quietShare ? `, of which other programs used ${formatShare(others)}` : "";
  return {
    format: 1,
    profile: {
      ...profile,
      failover: findings === undefined ? undefined : failoverOf(findings),
      cancelsUpstream: findings?.profile.cancelsUpstream ?? false,
      status: "modelled",
      source: `measured ${now.toISOString().slice(0, 10)} on ${machine}${shared}, loopback: squall calibrate`,
    },
    measured,
    machine,
    measuredAt: now.toISOString(),
    cooldownMs: findings?.profile.cooldownMs ?? {},
  };
}

/** What a probe found of retries, and the longest pause of a lone provider with the statuses that lead to one. */
function failoverOf({ profile: { failover, cooldownMs } }: ProbeFindings): Failover {
  const pauses = Object.entries(cooldownMs);
  if (pauses.length === 0) return failover;
  const forMs = Math.max(...pauses.map(([, ms]) => ms));
  return { ...failover, pause: { statuses: pauses.map(([status]) => Number(status)), forMs } };
}

/** For people. */
export function profileInText({ profile, measured, cooldownMs }: ProfileFile): string {
  const { requestCpuMs, endCpuMs, chunkCpuMs, firstChunkDelayMs, failover, cancelsUpstream } = profile;
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  const failures =
    failover === undefined
      ? "not probed"
      : `first retry after ${failover.backoffMs} ms; ${cancelsUpstream ? "stops" : "does not stop"} the provider when a client leaves`;
  return [
    `${profile.name} ${profile.version}`,
    `  CPU of a request  ${(requestCpuMs + endCpuMs).toFixed(2)} ms alone, ${(profile.busyRequestShare * 100).toFixed(0)} % of that when busy`,
    `  CPU of a chunk    ${chunkCpuMs.toFixed(3)} ms alone, ${(profile.busyChunkShare * 100).toFixed(0)} % of that when busy`,
    `  round trip        ${measured.roundTripMs.toFixed(2)} ms; first chunk of a stream ${firstChunkDelayMs.toFixed(1)} ms later`,
    `  ceiling           ${measured.requestsPerSecond} requests/s, with ${measured.ceilingCpuMs.toFixed(2)} ms of CPU each`,
    `  memory            ${megabytes(measured.rssBytesIdle)} idle, ${megabytes(measured.rssBytesBusy)} after load`,
    `  start             ready after ${measured.startUpMs} ms`,
    `  failures          ${failures}`,
    ...Object.entries(cooldownMs).map(([status, ms]) => `  pause after ${status}   ${ms} ms`),
  ].join("\n");
}

function machineInWords(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${process.platform} ${process.arch}, ${cpus().length} x ${first?.model.trim() ?? "unknown"}, ${memory} GiB, Node ${process.versions.node}`;
}
