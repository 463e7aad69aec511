/** A fleet without processes, whose replicas are ready when a test says so, on a clock that the test moves. */
import { vi } from "vitest";
import type { GatewayPolicy } from "../../../gateways/driver.ts";
import type { FleetSample, LivePhase, LiveReplica, MovableFleet } from "../../../gateways/fleet/live-fleet.ts";

type Changing = { -readonly [Key in keyof LiveReplica]: LiveReplica[Key] };

export interface MadeFleet {
  readonly fleet: MovableFleet;
  readonly clock: { readonly nowMs: () => number; readonly timeScale: number };
  readonly policies: GatewayPolicy[];
  /** What happened, in order: `add v1`, `drain 0`, `kill 1`, `admit false`, `policy`. */
  readonly calls: string[];
  readonly sampled: { -readonly [Key in keyof FleetSample]: FleetSample[Key] };
  readonly replica: (id: number) => Changing;
  readonly enter: (id: number, phase: LivePhase) => void;
  /** Told of every change. */
  onChange: () => void;
  /** How another policy takes effect. */
  takes: "at-once" | "new-replicas";
}

/** So many replicas are ready. Scenario time is ten times as fast as the faked wall clock. */
export function madeFleet(ready: number): MadeFleet {
  vi.useFakeTimers({ now: 0 });
  const timeScale = 10;
  const nowMs = (): number => Date.now() * timeScale;
  const all: Changing[] = [];
  const calls: string[] = [];
  const policies: GatewayPolicy[] = [];
  const sampled = { arrived: 0, waiting: 0, inFlight: 0, cpuSeconds: 0 };
  const make = (version: string, phase: LivePhase): void => {
    const name = `gateway-${all.length}`;
    const none = {
      inFlight: 0,
      taken: 0,
      cpuSeconds: 0,
      rssBytes: 0,
      policy: policies.length,
      isWell: true,
      isCutOff: false,
    };
    all.push({ id: all.length, name, version, phase, wishedMs: nowMs(), sinceMs: nowMs(), ...none });
  };
  const replica = (id: number): Changing => {
    const found = all[id];
    if (found === undefined) throw new Error(`no replica ${id}`);
    return found;
  };
  const enter = (id: number, phase: LivePhase): void => {
    Object.assign(replica(id), { phase, sinceMs: nowMs() });
    made.onChange();
  };
  const call = (text: string): void => void calls.push(text);
  for (let id = 0; id < ready; id++) make("v1", "ready");
  const fleet: MovableFleet = {
    description: "made",
    call: () => ({ url: "http://127.0.0.1:1/", headers: {} }),
    replicas: () => all.filter(({ phase }) => phase !== "gone"),
    add: (count, version) => {
      for (let added = 0; added < count; added++) {
        call(`add ${version}`);
        make(version, "starting");
      }
      made.onChange();
    },
    drain: (id) => {
      call(`drain ${id}`);
      enter(id, replica(id).phase === "ready" ? "draining" : "gone");
    },
    kill: (id) => {
      call(`kill ${id}`);
      enter(id, "gone");
      return Promise.resolve(replica(id).inFlight);
    },
    judge: (id, isWell) => {
      call(`judge ${id} ${isWell}`);
      replica(id).isWell = isWell;
    },
    probe: () => Promise.resolve(true),
    sample: () => Promise.resolve({ ...sampled }),
    setPolicy: (policy) => {
      call("policy");
      policies.push(policy);
      return Promise.resolve(made.takes);
    },
    cutOff: (id, isCut) => {
      call(`${isCut ? "cut" : "mend"} ${id}`);
      replica(id).isCutOff = isCut;
    },
    switchModels: (shares, policy) => {
      const providers = policy.routes.map(({ model, providers: [first] }) => `${model}: ${first?.model ?? model}`);
      return Promise.resolve(call(`switch ${JSON.stringify([...shares])} ${providers.join(", ")}`));
    },
    bar: (tenant, retryAfterMs) => Promise.resolve(call(`bar ${tenant} ${retryAfterMs}`)),
    admit: (requests) => Promise.resolve(call(`admit ${requests}`)),
    exited: new Promise(() => undefined),
    stop: () => Promise.resolve(),
  };
  const made: MadeFleet = {
    fleet,
    clock: { nowMs, timeScale },
    policies,
    calls,
    sampled,
    replica,
    enter,
    onChange: () => undefined,
    takes: "at-once",
  };
  return made;
}
