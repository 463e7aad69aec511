/**
 * What a drill has done to the world, and how it is taken back: in reverse order, going on after errors, each undo verified by
 * the state that it was to restore.
 */
import { type RunbookAction, describeAction, hasState } from "./actions.ts";
import { commandText, succeeded } from "./commands.ts";
import { shortened } from "./evidence.ts";
import type { Journal, JournalEntry, Note } from "./journal.ts";
import { redactedWord, redactText } from "./redaction.ts";
import type { CommandTool, CommandUndo, Undo } from "./runbook.ts";
import { saidBy } from "./step-failed.ts";
import { commandOf, type World } from "./world.ts";

/** Something in force. */
export type Done = DoneAction | DoneCommand;

export interface DoneAction {
  readonly kind: "action";
  readonly step: string;
  /** Idempotency key of what was done. */
  readonly key: string;
  readonly action: RunbookAction;
  readonly undo: Undo;
  /** State before it, which the undo has to bring back. */
  readonly before: string;
}

export interface DoneCommand {
  readonly kind: "command";
  readonly step: string;
  readonly key: string;
  readonly tool: CommandTool;
  /** With all that earlier steps gave filled in. */
  readonly words: readonly string[];
  readonly undo: CommandUndo;
  /** Asks for the state that the undo has to bring back; undefined: nobody can tell. */
  readonly state: readonly string[] | undefined;
  /** What that printed before. */
  readonly before: string | undefined;
  readonly withinMs: number;
}

/**
 * Takes everything back. Resolves with what could not be taken back, in words; empty when the world is as it was. A journal that cannot
 * be written does not keep it from doing so.
 */
export async function undoAll(done: readonly Done[], world: World, journal: Journal): Promise<readonly string[]> {
  const failures: string[] = [];
  const write = async (note: Note): Promise<void> => {
    await journal.write(note).catch((cause: unknown) => failures.push(`the journal of it: ${saidBy(cause)}`));
  };
  for (const each of done.toReversed()) {
    const failure = await undoOne(each, world, { write });
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
}

/** Resolves with why it could not be taken back, and undefined when it was. */
export async function undoOne(done: Done, world: World, journal: Pick<Journal, "write">): Promise<string | undefined> {
  const { step, undo } = done;
  const about = { step, who: "squall" } as const;
  if (undo.kind === "none") {
    await journal.write({ ...about, kind: "note", text: `nothing to undo: ${undo.why}` });
    return undefined;
  }
  const way = done.kind === "action" ? undoOfAction(done, world) : undoOfCommand(done, world);
  const { text } = way;
  try {
    const state = await way.already();
    if (state !== undefined) {
      await journal.write({ ...about, kind: "undo-done", text, data: { state, already: true } });
      return undefined;
    }
    await journal.write({ ...about, kind: "undo-begins", text });
    const data = await way.takeBack();
    await journal.write({ ...about, kind: "undo-done", text, data });
    return undefined;
  } catch (cause) {
    const why = saidBy(cause);
    await journal.write({ ...about, kind: "undo-fails", text, data: { why } });
    return `${text}: ${why}`;
  }
}

/** How one thing is taken back. */
interface Way {
  readonly text: string;
  /** The state, where it is as it was already; undefined: something is to be done. */
  readonly already: () => Promise<string | undefined>;
  /** Resolves with what was seen after it; rejects when the state is not as it was. */
  readonly takeBack: () => Promise<{ readonly state: string; readonly verified: boolean }>;
}

function undoOfAction({ undo, before, key, action }: DoneAction, world: World): Way {
  const taken = undo.kind === "action" ? undo.action : action;
  const isVerified = hasState(taken);
  return {
    text: describeAction(taken),
    already: async () => (isVerified && (await world.stateOf(taken)) === before ? before : undefined),
    takeBack: async () => {
      await world.act(taken, `${key}/undo`);
      const state = await world.stateOf(taken);
      if (isVerified && state !== before) throw new Error(`the state is ${state}; it was ${before}`);
      return { state, verified: isVerified };
    },
  };
}

function undoOfCommand({ undo, tool, words, state, before, key, withinMs }: DoneCommand, world: World): Way {
  const taken = undo.kind === "command" ? undo.words : words;
  const look = async (): Promise<string | undefined> => {
    if (state === undefined || before === undefined) return undefined;
    return redactText((await commandOf(world)({ tool, words: state, key: `${key}/state`, withinMs })).output);
  };
  return {
    text: commandText(tool, taken),
    already: async () => {
      const now = await look();
      return now !== undefined && now === before ? shortened(now) : undefined;
    },
    takeBack: async () => {
      if (taken.some((word) => word.includes(redactedWord))) {
        throw new Error("the journal keeps no keys, so only a person can take it back after a crash");
      }
      const result = await commandOf(world)({ tool, words: taken, key: `${key}/undo`, withinMs });
      if (!succeeded(tool, result))
        throw new Error(`ended with ${result.status}: ${shortened(redactText(result.output))}`);
      const now = await look();
      if (now === undefined) return { state: "not verified: the step has no state", verified: false };
      if (now !== before) throw new Error(`the state is ${shortened(now)}; it was ${shortened(before ?? "")}`);
      return { state: shortened(now), verified: true };
    },
  };
}

/** What a journal says is in force: begun, and not taken back since, in the order of its beginning. */
export function inForce(entries: readonly JournalEntry[]): readonly Done[] {
  const done = new Map<string, Done>();
  for (const { kind, step = "", data = {} } of entries) {
    const begun = kind === "action-begins" ? "action" : kind === "command-begins" ? "command" : undefined;
    // What was begun again after a crash was begun once: the state before it is that of the first time.
    if (begun !== undefined && !done.has(step)) done.set(step, { kind: begun, step, ...data } as unknown as Done);
    if (kind === "undo-done") done.delete(step);
  }
  return [...done.values()].filter((each) => each.undo !== undefined);
}
