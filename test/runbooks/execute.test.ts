import { describe, expect, it } from "vitest";
import { createJournal, verifyJournal } from "../../runbooks/engine/journal.ts";
import { measureDrill } from "../../runbooks/engine/measures.ts";
import { parseRunbook } from "../../runbooks/engine/parse.ts";
import { type Drill, drill, runbookOf, text } from "./scripted-drill.ts";
import { type Script, scriptedResponder, scriptedWorld } from "./scripted-world.ts";

const kindsOf = ({ journal }: Drill): readonly string[] => journal.entries().map(({ kind }) => kind);

describe("a drill", () => {
  it("detects, contains and resolves an outage, and leaves the routes as they were", async () => {
    const { result, world, journal } = await drill();
    expect(result).toEqual({ status: "completed", why: "", notRestored: [] });
    expect(world.routes.get("gpt-4o-mini")).toEqual(["azure", "openai"]);
    expect(world.acts).toEqual([
      { kind: "route", model: "gpt-4o-mini", providers: ["openai"] },
      { kind: "route", model: "gpt-4o-mini", providers: ["azure", "openai"] },
    ]);
    expect(journal.entries().at(-1)).toMatchObject({ kind: "drill-ends", data: { status: "completed" } });
  });

  it("measures the response from events: fault at 3:00, alert a minute later, three answers of 30 seconds each", async () => {
    const { journal } = await drill();
    const measures = measureDrill(journal.entries(), parseRunbook(text, "provider-outage.md"), []);
    expect(measures.moments).toMatchObject({
      faultMs: 180_000,
      firstBadMs: 180_000,
      alertMs: 240_000,
      acknowledgedMs: 270_000,
    });
    expect(measures.timeToDetectMs).toBe(60_000);
    expect(measures.timeToAcknowledgeMs).toBe(30_000);
    // Acknowledged at 4:30, decided at 5:00, approved and rerouted at 5:30, seen five seconds later.
    expect(measures.timeToContainMs).toBe(95_000);
    expect(measures.expected).toEqual([{ alert: "ErrorRateHigh", withinMs: 120_000, firedAfterMs: 60_000, met: true }]);
    expect(measures.falsePages).toEqual([]);
    const contained = measures.phases.find(({ phase }) => phase === "contain");
    expect(contained?.toMs).toBeGreaterThan(330_000);
    expect(contained?.cost).toBe(((contained?.toMs ?? 0) - (contained?.fromMs ?? 0)) * 1_000);
  });

  it("takes the other branch by evidence: a provider that answers leads to the investigation", async () => {
    const { journal } = await drill({
      runbook: text.replace("decide: provider azure answers", "decide: provider openai answers"),
    });
    const phases = journal.entries().flatMap(({ kind, phase = "" }) => (kind === "phase-begins" ? [phase] : []));
    expect(phases).toEqual(["detect", "triage", "investigate", "resolve", "review"]);
  });

  it("stops at a step that fails, and takes back what was done", async () => {
    const { result, world, journal } = await drill({
      runbook: text.replace("then: errors < 1% for 1m\nwithin: 3m", "then: errors > 99%\nwithin: 1m"),
    });
    expect(result.status).toBe("failed");
    expect(result.why).toMatch(/did not come to hold within 1 m: errors 0 %/);
    expect(world.routes.get("gpt-4o-mini")).toEqual(["azure", "openai"]);
    expect(journal.entries().filter(({ kind }) => kind.startsWith("undo"))).toMatchObject([
      { kind: "undo-begins", step: "reroute" },
      { kind: "undo-done", step: "reroute", data: { state: "gpt-4o-mini: azure, openai" } },
    ]);
  });

  it("does not begin a phase whose entry condition does not hold", async () => {
    const { result, world } = await drill({
      runbook: text.replace("## Contain\n", "## Contain\n\n```squall\nentry: errors > 99%\n```\n"),
    });
    expect(result).toMatchObject({ status: "failed", why: "does not hold: errors 50 %" });
    expect(world.acts).toEqual([]);
  });

  it("does not go round in circles for ever", async () => {
    const { result } = await drill({
      runbook: text.replace(
        "wait: provider azure answers\nwithin: 20m",
        "decide: errors < 200%\nyes: contain\nno: next",
      ),
    });
    expect(result).toMatchObject({ status: "failed", notRestored: [] });
    expect(result.why).toMatch(/was begun 10 times: the decisions go round in circles$/);
  });

  it("goes on, or to a phase, where a step says so", async () => {
    const failing = "check: provider azure answers\non-failure: POLICY";
    const at = text.replace("note: Compare the provider's status page with our probes.", failing);
    const policy = (to: string): string => at.replace("POLICY", to);
    expect((await drill({ runbook: policy("continue") })).result.status).toBe("completed");
    const led = await drill({
      runbook: policy("review").replace("wait: provider azure answers", "wait: provider azure fails"),
    });
    expect(kindsOf(led)).toContain("step-fails");
    expect(led.journal.entries().some(({ kind, phase }) => kind === "phase-begins" && phase === "resolve")).toBe(false);
  });

  it.each([
    { limit: "time", limits: "time: 6m", why: "the drill takes longer than 6 m" },
    { limit: "money", limits: "cost: $0.0001", why: "the drill has spent" },
    { limit: "errors", limits: "errors: 40%", why: "50 % of requests fail; the drill's limit is 40 %" },
  ])("ends when its limit of $limit is broken, and takes back what was done", async ({ limits, why }) => {
    const ended = await drill({
      runbook: text.replace("limits: { time: 40m, cost: $5, errors: 90% }", `limits: { ${limits} }`),
    });
    expect(ended.result.status).toBe("aborted");
    expect(ended.result.why).toContain(why);
    expect(ended.world.routes.get("gpt-4o-mini")).toEqual(["azure", "openai"]);
    expect(kindsOf(ended)).toContain("limit-broken");
  });

  it.each([
    ["errors > 40% for 1m", 240_000, "errors 50 %; the drill stops when errors > 40 % for 1 m"],
    ["errors > 40%", 180_000, "errors 50 %; the drill stops when errors > 40 %"],
    ["alert ErrorRateHigh fires", 240_000, "alert ErrorRateHigh fires; the drill stops when alert ErrorRateHigh fires"],
  ])("ends when %s, once that has held for as long as it says", async (condition, atMs, why) => {
    const waits = runbookOf(["wait: errors > 99%\nwithin: 30m"]);
    const limits = `limits: { stop-when: [provider azure fails and ttft.p95 > 1s, ${condition}] }`;
    const ended = await drill({ runbook: waits.replace("---\n\n# ", `${limits}\n\n---\n\n# `) });
    expect(ended.result).toMatchObject({ status: "aborted", why });
    expect(ended.journal.entries().find(({ kind }) => kind === "limit-broken")?.atMs).toBe(atMs);
  });

  it("counts how long a condition to stop at has held anew whenever it does not hold", async () => {
    const waits = runbookOf(["wait: errors > 99%\nwithin: 30m"]);
    const limited = waits.replace("---\n\n# ", "limits: { stop-when: [errors < 1% for 4m] }\n\n---\n\n# ");
    const { journal } = await drill({ runbook: limited });
    // Well until 3:00 and again from 13:00 on.
    expect(journal.entries().find(({ kind }) => kind === "limit-broken")?.atMs).toBe(780_000 + 240_000);
  });

  it("keeps beside what people and the engine did how things stood for users then", async () => {
    const { journal } = await drill();
    const seenWith = (kind: string): unknown => journal.entries().find((entry) => entry.kind === kind)?.seen;
    expect(seenWith("alert-fires")).toEqual({ errors: 0.5, replicasReady: 3, alerts: ["ErrorRateHigh"] });
    expect(seenWith("acknowledged")).toEqual({ errors: 0.5, replicasReady: 3, alerts: ["ErrorRateHigh"] });
    expect(seenWith("undo-done")).toEqual({ errors: 0, replicasReady: 3, alerts: [] });
    expect(seenWith("step-begins")).toBeUndefined();
  });

  it("counts what it spends from its own beginning, not from that of the load", async () => {
    const world = scriptedWorld();
    const { signal } = new AbortController();
    await world.advanceTo(60_000_000, signal);
    const cheap = text.replace("limits: { time: 40m, cost: $5, errors: 90% }", "limits: { cost: $0.01 }");
    const scripted = { ...scriptedWorld({ endsMs: 1e9 }), account: world.account };
    expect((await drill({ runbook: cheap, world: scripted })).result.status).toBe("completed");
  });

  it("ends when the scenario is over before it", async () => {
    const ended = await drill({ script: { endsMs: 400_000 } });
    expect(ended.result).toMatchObject({ status: "aborted", why: expect.stringMatching(/^the scenario is over/) });
    expect(ended.world.routes.get("gpt-4o-mini")).toEqual(["azure", "openai"]);
  });

  it("says once that a limit is broken, however many steps wait at the same time", async () => {
    const waits =
      "parallel:\n  - { wait: errors > 99%, within: 30m }\n  - { wait: errors > 98%, within: 30m, poll: 7s }";
    const ended = await drill({
      runbook: runbookOf([waits]).replace("---\n\n# ", "limits: { time: 2m }\n\n---\n\n# "),
    });
    expect(ended.result).toMatchObject({ status: "aborted", why: "the drill takes longer than 2 m" });
    expect(kindsOf(ended).filter((kind) => kind === "limit-broken")).toHaveLength(1);
  });

  it("ends cleanly when it is interrupted in the middle of a wait", async () => {
    const stop = new AbortController();
    const responder = scriptedResponder({ afterMs: 1_000 });
    const script: Script = { onAct: () => stop.abort("SIGINT") };
    const ended = await drill({ signal: stop.signal, responder, script });
    expect(ended.result.status).toBe("interrupted");
    expect(ended.world.routes.get("gpt-4o-mini")).toEqual(["azure", "openai"]);
    expect(kindsOf(ended).slice(-4)).toEqual(["interrupted", "undo-begins", "undo-done", "drill-ends"]);
  });

  it("ends cleanly when it is interrupted while somebody is asked", async () => {
    const stop = new AbortController();
    const asked = {
      ask: async () => {
        stop.abort("SIGINT");
        stop.signal.throwIfAborted();
        return { yes: true, who: { name: "ada", seat: "incident-lead" as const }, note: undefined };
      },
    };
    const ended = await drill({ signal: stop.signal, responder: asked });
    expect(ended.result).toEqual({ status: "interrupted", why: "interrupted", notRestored: [] });
  });

  it("says what could not be taken back, and goes on with the rest", async () => {
    const scaled = text.replace(
      "## Investigate",
      "```squall\nid: grow\naction: scale to 6\nundo: scale to 4\n```\n\n```squall\ncheck: provider azure answers\n```\n\n## Investigate",
    );
    const { result, world } = await drill({ runbook: scaled });
    expect(result.notRestored).toEqual(["scale to 4: the state is 4 replicas; it was 3 replicas"]);
    expect(world.routes.get("gpt-4o-mini")).toEqual(["azure", "openai"]);
  });

  it("fails a step whose action is refused, and one that nobody approves", async () => {
    const refused = await drill({ script: { refuses: "route" } });
    expect(refused.result).toMatchObject({ status: "failed", why: "route gpt-4o-mini to openai: the gateway said no" });
    const declined = await drill({ responder: scriptedResponder({ no: ["approve"] }) });
    expect(declined.result).toMatchObject({ status: "failed", why: "ada does not approve" });
    expect(declined.world.acts).toEqual([]);
  });

  it("does nothing at a tabletop but talk it through", async () => {
    const { world, journal } = await drill({
      mode: "tabletop",
      runbook: text.replaceAll("then: errors < 1% for 1m", "then: errors >= 0%"),
      script: { outageMs: [180_000, 400_000] },
    });
    expect(world.acts).toEqual([]);
    expect(journal.entries().map(({ text: said }) => said)).toContain("would route gpt-4o-mini to openai");
  });

  it("runs no command that nobody allowed", async () => {
    const withCommand = text.replace(
      "note: Compare the provider's status page with our probes.",
      "kubectl: [get, pods]",
    );
    const denied = await drill({ runbook: withCommand });
    expect(denied.result.why).toBe("kubectl: get pods is off; allow it with --allow-kubectl");
    const unlisted = await drill({ runbook: withCommand, allowed: new Map([["kubectl", ["describe"]]]) });
    expect(unlisted.result.why).toBe("kubectl: get pods is not on the list of allowed ones: describe");
    const allowed = await drill({ runbook: withCommand, allowed: new Map([["kubectl", ["get"]]]) });
    expect(allowed.result.status).toBe("completed");
  });
});

describe("a drill that was killed", () => {
  it("goes on from the last verified step, wherever it was killed, and ends with the world restored", async () => {
    const whole = await drill();
    for (let crashAfter = 1; crashAfter < whole.lines.length - 1; crashAfter++) {
      const lines: string[] = [];
      await drill({ crashAfter, lines }).catch(() => undefined);
      expect(lines).toHaveLength(crashAfter);
      const resumed = await drill({ earlier: lines });
      expect(resumed.result, `killed after ${crashAfter} entries`).toMatchObject({
        status: "completed",
        notRestored: [],
      });
      expect(resumed.world.routes.get("gpt-4o-mini")).toEqual(["azure", "openai"]);
      expect(verifyJournal(resumed.lines)).toMatchObject({ whole: true, ended: true });
      const steps = resumed.journal.entries().flatMap(({ kind, step = "" }) => (kind === "step-holds" ? [step] : []));
      expect(new Set(steps).size).toBe(steps.length);
    }
  });

  it("says of alerts and users what has changed since, and nothing a second time", async () => {
    const whole = await drill();
    // In the order of words: whether users or the alert is first seen to be well again depends on when it is looked at.
    const about = (journal: Drill["journal"]): readonly string[] =>
      journal
        .entries()
        .flatMap(({ kind, text: said }) =>
          /^(?:alert|users|fault|acknowledged)/.test(kind) ? [`${kind} ${said}`] : [],
        )
        .toSorted();
    expect(about(whole.journal)).toHaveLength(6);
    for (let crashAfter = 2; crashAfter < whole.lines.length - 1; crashAfter++) {
      const lines: string[] = [];
      const world = scriptedWorld();
      await drill({ crashAfter, lines, world }).catch(() => undefined);
      const resumed = await drill({ earlier: lines, world });
      expect(about(resumed.journal), `killed after ${crashAfter}`).toEqual(about(whole.journal));
      expect(world.plans).toBe(1);
      const marks = resumed.journal.entries().flatMap(({ data = {} }) => data["mark"] ?? []);
      expect(new Set(marks).size).toBe(marks.length);
    }
  });

  it.each([
    ["limit-broken", "limits: { time: 6m }", undefined, { status: "aborted", why: "the drill takes longer than 6 m" }],
    ["interrupted", "limits: { time: 40m }", "SIGINT", { status: "interrupted", why: "interrupted" }],
  ] as const)("ends as it was ending when it was killed after %s", async (kind, limits, reason, expected) => {
    const runbook = text.replace("limits: { time: 40m, cost: $5, errors: 90% }", limits);
    const stop = new AbortController();
    const script: Script = { onAct: () => (reason === undefined ? undefined : stop.abort(reason)) };
    const whole = await drill({ runbook, script, signal: stop.signal });
    expect(whole.result).toMatchObject(expected);
    const earlier = whole.lines.slice(0, 1 + whole.lines.findIndex((line) => line.includes(`"kind":"${kind}"`)));
    const resumed = await drill({ runbook, earlier });
    expect(resumed.result).toMatchObject(expected);
    const after = resumed.journal.entries().slice(earlier.length);
    expect(after.map((entry) => entry.kind)).toEqual(["resumed", "undo-done", "drill-ends"]);
  });
});

describe("its journal", () => {
  it("is found out wherever a byte of it is changed", async () => {
    const { lines } = await drill();
    expect(verifyJournal(lines)).toMatchObject({ whole: true, entries: lines.length, ended: true });
    for (const [index, line] of lines.entries()) {
      const changed = lines.with(
        index,
        line.replace(/"atMs":(\d+)/, (_, at: string) => `"atMs":${Number(at) + 1}`),
      );
      expect(verifyJournal(changed), `line ${index + 1}`).toMatchObject({ whole: false, line: index + 1 });
      if (index === lines.length - 1) continue; // an end that is cut off is told by the last hash
      expect(verifyJournal(lines.toSpliced(index, 1)), `without line ${index + 1}`).toMatchObject({ whole: false });
    }
  });

  it("is whole up to the line in the middle of which a crash came", async () => {
    const { lines } = await drill();
    const torn = [...lines.slice(0, 5), (lines[5] ?? "").slice(0, 20)];
    expect(verifyJournal(torn)).toMatchObject({ whole: true, entries: 5, ended: false });
  });

  it("keeps keys out", async () => {
    const lines: string[] = [];
    const journal = createJournal({
      nowMs: () => 0,
      wallTime: () => undefined,
      append: async (line) => void lines.push(line),
    });
    const key = "sk-proj-abcdefghijklmnop1234";
    await journal.write({
      kind: "note",
      who: "ada",
      text: `the key ${key}`,
      data: { header: `Bearer ${key}`, api_key: "api_key=hunter22" },
    });
    expect(lines.join("")).not.toContain(key);
    expect(lines.join("")).not.toContain("hunter22");
    expect(lines.join("").match(/\[redacted\]/g)).toHaveLength(3);
  });
});
