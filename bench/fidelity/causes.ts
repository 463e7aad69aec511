/**
 * Why a simulation and a live run are apart, as far as what was measured tells: the load generator, other programs, processors
 * that all were busy, a gateway that needs more or less CPU than its profile says, other numbers of calls upstream, queues, and a
 * percentile that rests on a handful of requests.
 */
import { gatewayWorkMs } from "../../analyzers/gateway-load.ts";
import { othersMuch } from "../../analyzers/generator.ts";
import { gatewayProfile } from "../../behavior/gateway-profiles/profiles.ts";
import { formatShare, formatWhole } from "../../core/units.ts";
import { formatChange } from "../../reports/format.ts";
import { figure, type Result } from "./results.ts";

/** All programs wait for a processor now and then above this. */
const busyMuch = 0.9;
/** Twice what repeated calibrations of Portkey differ by at most (behavior/gateway-profiles/portkey.ts). */
const cpuApart = 0.3;
const callsApart = 0.05;
/** A percentile moves with each of fewer requests than this beyond it. */
const beyondMin = 10;

/** In words, most telling first; empty where nothing that was measured explains it. */
export function causesOf(result: Result): readonly string[] {
  const { overload, machine } = result;
  const others = machine?.others ?? 0;
  return [
    overload === "" ? "" : `the load generator was late: ${overload}`,
    others > othersMuch ? `other programs used ${formatShare(others)} of the machine` : "",
    (machine?.busy ?? 0) > busyMuch
      ? `processors were ${formatShare(machine?.busy ?? 0)} busy: gateway, providers and clients waited for them`
      : "",
    cpuInWords(result),
    callsInWords(result),
    queueInWords(result),
    tailInWords(result),
  ].filter((cause) => cause !== "");
}

/** CPU that the gateway really used, beside what its profile says of the same requests at a busy gateway. */
function cpuInWords(result: Result): string {
  const used = result.machine?.gateway;
  const [requests, again, tokens] = ["requests", "upstream.repeated", "tokens.output"].map(
    (metric) => figure(result, metric)?.live ?? 0,
  );
  const [name = ""] = result.gateway.split(" ");
  if (used === undefined || !requests) return "";
  const [startMs, chunksMs, endMs] = gatewayWorkMs(gatewayProfile(name), (tokens ?? 0) / requests);
  const expected = (requests * (startMs + chunksMs + endMs) + (again ?? 0) * startMs) / result.loadMs;
  const off = used / expected - 1;
  if (Math.abs(off) <= cpuApart) return "";
  const ms = (share: number): string => ((share * result.loadMs) / requests).toFixed(1);
  return `the gateway used ${ms(used)} ms of CPU a request, where its profile says ${ms(expected)} ms of a busy one`;
}

function callsInWords(result: Result): string {
  const { live = 0, simulated = 0 } = figure(result, "upstream.calls") ?? {};
  if (live === 0 || Math.abs(simulated / live - 1) <= callsApart) return "";
  return `providers were called ${formatWhole(live)} times live and ${formatWhole(simulated)} times simulated`;
}

/** Whether the error comes with the load. */
function queueInWords(result: Result): string {
  const bands = result.rows.filter(({ metric }) => /^load\.\d+\.e2e/.test(metric));
  const [first, last] = [bands[0]?.error, bands.at(-1)?.error];
  if (first === undefined || last === undefined || Math.abs(last) < 2 * Math.abs(first)) return "";
  return `the error comes with the load (end to end ${formatChange(first)} where it was lowest, ${formatChange(last)} where it was highest): queues at the gateway`;
}

function tailInWords(result: Result): string {
  const ok = figure(result, "outcome.ok")?.live ?? 0;
  const beyond = Math.floor(ok / 100);
  return beyond < beyondMin ? `p99 of ${formatWhole(ok)} answers rests on ${beyond + 1} of them` : "";
}
