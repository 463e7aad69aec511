import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { invalidInput } from "../../../core/errors.ts";
import type { JournalEntry } from "../../../runbooks/engine/journal.ts";
import type { Answer, Question, Remark } from "../../../runbooks/engine/responder.ts";
import type { DrillOutcome } from "../../../cli/drill/play-drill.ts";
import { type DrillEars, GameDayRoom, type Played, type PlayDrill } from "../../../cli/serve/game-day-room.ts";
import type { Change } from "../../../web/console/game-day.ts";

const card = {
  id: "0",
  title: "A provider is down",
  about: "SEV2",
  world: "simulated",
  mode: "drill",
  phases: [],
  objectives: { errors: undefined, ttftP95Ms: undefined },
} as const;

const review = { verdict: "pass", why: "", tiles: [], items: [] } as unknown as DrillOutcome["review"];
const played: Played = { card, outcome: { review } as DrillOutcome };

const question: Question = {
  id: "contain.1#1",
  kind: "approve",
  role: "incident-lead",
  text: "Move it?",
  step: "contain.1",
  choices: { yes: "Approve", no: "Refuse" },
  wants: "nothing",
  notBy: [],
};

function entry(kind: JournalEntry["kind"], text: string): JournalEntry {
  return { seq: 0, atMs: 0, kind, who: "squall", text, previous: "" };
}

function roomWith(play: PlayDrill, once = false): { readonly room: GameDayRoom; readonly sent: readonly Change[] } {
  const sent: Change[] = [];
  const room = new GameDayRoom({
    play,
    once,
    send: (change) => sent.push(change),
    wallTime: () => "now",
    onEnd: () => undefined,
  });
  return { room, sent };
}

const begin = { act: "begin", name: "ada", runbook: "0", world: "simulated", pace: 10 } as const;

describe("a game day's room", () => {
  it("lets only the incident lead begin, one drill at a time, and clear the table after it", async () => {
    const end = Promise.withResolvers<Played>();
    const { room } = roomWith((_, ears) => {
      ears.stage({ kind: "running", drill: card });
      return end.promise;
    });
    expect(await room.act(begin, "responder")).toContain("incident lead");
    expect(await room.act(begin, "incident-lead")).toBeUndefined();
    expect(await room.act(begin, "incident-lead")).toContain("already");
    expect(await room.act({ act: "again", name: "ada" }, "incident-lead")).toContain("being played");
    end.resolve(played);
    await room.idle();
    expect(room.gameDay().stage.kind).toBe("ended");
    expect(await room.act({ act: "again", name: "bob" }, "responder")).toContain("incident lead");
    expect(await room.act({ act: "again", name: "ada" }, "incident-lead")).toBeUndefined();
    expect(room.gameDay().stage.kind).toBe("lobby");
  });

  it("begins no second drill while the first one is still being read", async () => {
    const read = Promise.withResolvers<Played>();
    let begun = 0;
    const { room } = roomWith(() => {
      begun += 1;
      return read.promise;
    });
    await Promise.all([room.act(begin, "incident-lead"), room.act(begin, "incident-lead")]);
    expect(await room.act({ act: "again", name: "ada" }, "incident-lead")).toContain("being played");
    expect(begun).toBe(1);
    read.resolve(played);
    await room.idle();
  });

  it("of one drill begins no other, and keeps its review on the table", async () => {
    let begun = 0;
    const { room } = roomWith(async () => {
      begun += 1;
      return played;
    }, true);
    expect(await room.act(begin, "incident-lead")).toBeUndefined();
    await room.idle();
    const refused = "This server was started for one drill, and it has been played.";
    expect(await room.act(begin, "incident-lead")).toContain(refused);
    expect(await room.act({ act: "again", name: "ada" }, "incident-lead")).toContain(refused);
    expect([begun, room.gameDay().stage.kind]).toEqual([1, "ended"]);
  });

  it("tells nobody what is hidden before the drill has ended", async () => {
    const end = Promise.withResolvers<Played>();
    const { room, sent } = roomWith((_, ears) => {
      ears.stage({ kind: "running", drill: card });
      ears.entry(entry("fault-planned", "outage at azure (hidden until the review)"));
      ears.entry(entry("phase-begins", "Detect"));
      return end.promise;
    });
    await room.act(begin, "incident-lead");
    expect(JSON.stringify([sent, room.gameDay()])).not.toContain("azure");
    expect(room.gameDay().entries.map(({ text }) => text)).toEqual(["Detect"]);
    end.resolve(played);
    await room.idle();
    expect(room.gameDay().stage).toMatchObject({ kind: "ended", outcome: { hidden: ["outage at azure"] } });
  });

  it("keeps the evidence of entries to the journal", async () => {
    const { room, sent } = roomWith(async (_, ears) => {
      ears.entry({ ...entry("step-holds", "so"), data: { account: "secret evidence" } });
      return played;
    });
    await room.act(begin, "incident-lead");
    await room.idle();
    expect(JSON.stringify(sent)).not.toContain("secret evidence");
  });

  it("says why a drill did not come about, and is ready for another", async () => {
    const { room } = roomWith(async () => {
      throw invalidInput("there is no such runbook", { code: "runbook-unknown", hint: "take another" });
    });
    await room.act(begin, "incident-lead");
    await room.idle();
    expect(room.gameDay().stage).toEqual({ kind: "failed", why: "there is no such runbook", hint: "take another" });
    expect(await room.act(begin, "incident-lead")).toBeUndefined();
    await room.idle();
  });

  it("goes as fast as the clock while somebody is asked, and else at the pace that was chosen", async () => {
    const paces: number[] = [];
    const { room } = roomWith(async (_, ears) => {
      paces.push(ears.pace());
      ears.entry(entry("drill-begins", ""));
      paces.push(ears.pace());
      await asking(ears, () => paces.push(ears.pace()));
      paces.push(ears.pace());
      return played;
    });
    await room.act(begin, "incident-lead");
    await setImmediate();
    await room.act({ act: "answer", name: "ada", question: question.id, yes: true }, "incident-lead");
    await room.idle();
    expect(paces).toEqual([0, 10, 1, 10]);
  });
});

/** Asks until there is an answer; `passing` is called the first time that time goes by. */
async function asking({ people }: DrillEars, passing: () => void): Promise<Answer> {
  let isFirst = true;
  const { signal } = new AbortController();
  return await people.responder().ask(question, {
    pass: async () => {
      if (isFirst) passing();
      isFirst = false;
      await setImmediate();
    },
    signal,
  });
}

describe("people at the console", () => {
  it("answer once, and only those who may", async () => {
    const answers: Answer[] = [];
    const { room } = roomWith(async (_, ears) => {
      answers.push(await asking(ears, () => undefined));
      return played;
    });
    await room.act(begin, "incident-lead");
    await setImmediate();
    expect(room.gameDay().questions.map(({ id }) => id)).toEqual([question.id]);
    const answer = { act: "answer", question: question.id, yes: false } as const;
    expect(await room.act({ ...answer, name: "eve" }, "observer")).toContain("observer");
    expect(await room.act({ ...answer, name: "bob" }, "responder")).toContain("incident lead");
    expect(await room.act({ ...answer, name: "ada" }, "incident-lead")).toBeUndefined();
    expect(await room.act({ ...answer, name: "ada", yes: true }, "incident-lead")).toContain("already");
    await room.idle();
    expect(answers).toEqual([{ yes: false, who: { name: "ada", seat: "incident-lead" }, note: undefined }]);
    expect(room.gameDay().questions).toEqual([]);
  });

  it("are not asked any more when the drill has ended", async () => {
    const over = new AbortController();
    const { room } = roomWith(async (_, { people }) => {
      await people.responder().ask(question, { pass: async () => over.abort(new Error("over")), signal: over.signal });
      return played;
    });
    await room.act(begin, "incident-lead");
    await room.idle();
    expect(room.gameDay().questions).toEqual([]);
    expect(room.gameDay().stage.kind).toBe("failed");
  });

  it("are heard by the engine, which says why when it does not take a remark", async () => {
    const heard: Remark[] = [];
    const end = Promise.withResolvers<Played>();
    const { room } = roomWith((_, { people }) => {
      people.responder().listen?.(async (remark) => {
        heard.push(remark);
        return remark.kind === "end" ? "not you" : undefined;
      });
      return end.promise;
    });
    const note = { act: "note", name: "eve", text: "green" } as const;
    expect(await room.act(note, "observer")).toContain("No drill");
    await room.act(begin, "incident-lead");
    expect(await room.act(note, "observer")).toBeUndefined();
    expect(await room.act({ ...note, act: "end" }, "observer")).toBe("not you");
    expect(heard.map(({ kind, who }) => [kind, who.seat])).toEqual([
      ["note", "observer"],
      ["end", "observer"],
    ]);
    end.resolve(played);
    await room.idle();
    expect(await room.act(note, "observer")).toContain("No drill");
  });
});
