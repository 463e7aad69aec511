import { describe, expect, it } from "vitest";
import { compareRuns, fidelityFindings } from "../../analyzers/fidelity.ts";
import { replicaFidelity } from "../../analyzers/replica-fidelity.ts";
import { minuteMs } from "../../core/time.ts";
import { formatError } from "../../reports/format.ts";
import { fleetRun, loadOf, wishes } from "./made-fleet.ts";
import { madeRun } from "./made-run.ts";

const tenMinutes = loadOf(...Array.from({ length: 10 }, () => 1));
const live = fleetRun(wishes([0, 2], [2, 4], [6, 2]), tenMinutes);
const simulated = fleetRun(wishes([0, 2], [1, 4], [6, 3], [8, 2]), tenMinutes);

describe("replicas of a simulation beside those of the live run", () => {
  it("are compared instant by instant, so that what is too many cannot make up for what is too few", () => {
    expect(replicaFidelity(live, simulated)).toEqual({
      ready: { live: 2.8, simulated: 3.2 },
      distance: 0.4, // two more for one minute, one more for two
      decisions: { live: 2, simulated: 3 },
      shiftMs: -0.5 * minuteMs, // a minute early upwards, at the same time downwards
    });
    const early = fleetRun(wishes([0, 4], [5, 2]), tenMinutes);
    const late = fleetRun(wishes([0, 2], [5, 4]), tenMinutes);
    expect(replicaFidelity(early, late)).toMatchObject({ ready: { live: 3, simulated: 3 }, distance: 2 });
  });

  it("are looked at for as long as both runs lasted", () => {
    const short = fleetRun(wishes([0, 2]), tenMinutes.slice(0, 2));
    expect(replicaFidelity(live, short)).toMatchObject({ distance: 0, decisions: { live: 1, simulated: 0 } });
  });

  it("are compared only where both wrote down how many there were", () => {
    expect(replicaFidelity(live, madeRun([]))).toBeUndefined();
    expect(compareRuns(madeRun([]), simulated).rows.some(({ metric }) => metric.startsWith("replicas."))).toBe(false);
  });

  it("are rows of the comparison, in replicas and in time, and are not judged", () => {
    const fidelity = compareRuns(live, simulated);
    const errors = fidelity.rows
      .filter(({ metric }) => /^(replicas|scaling)/.test(metric))
      .map((row) => [row.metric, formatError(row)]);
    expect(errors).toEqual([
      ["replicas.ready", "+14.3 %"],
      ["replicas.distance", "0.4"],
      ["scaling.decisions", "+50.0 %"],
      ["scaling.shift", "-30 s"],
    ]);
    expect(fidelityFindings(fidelity).some(({ id }) => /replicas|scaling/.test(id))).toBe(false);
  });
});
