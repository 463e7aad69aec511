/**
 * A step that acts through the world. Begun, done, proven: each is in the journal before the next, and what a crash left begun is not
 * done a second time.
 */
import { describeAction, hasState } from "./actions.ts";
import type { ActionStep } from "./runbook.ts";
import { idempotencyKey, type Outcome, type Place, type Stage, write } from "./stage.ts";
import { saidBy, StepFailed } from "./step-failed.ts";
import type { DoneAction } from "./undo.ts";
import { waitFor } from "./waiting.ts";

export async function act(step: ActionStep, place: Place, stage: Stage): Promise<Outcome> {
  const { mode, world, watch } = stage;
  const { action, proof, withinMs } = step;
  const text = describeAction(action);
  if (mode === "tabletop") return { seen: `would ${text}` };
  const key = idempotencyKey(stage, place);
  const { was, isBegun } = await begun(step, key, place, stage);
  // Begun before a crash: the state says whether it was done, where it has one; otherwise the world knows the key.
  if (!wasDone(key, stage)) {
    const isFound = isBegun && hasState(action) && (await world.stateOf(action)) !== was;
    if (!isFound) {
      const acted = world.act(action, key).catch((cause: unknown) => {
        throw new StepFailed(`${text}: ${saidBy(cause)}`);
      });
      await watch.during(acted);
    }
    const data = { key, state: await world.stateOf(action), ...(isFound ? { found: true } : {}) };
    await write(stage, place, { kind: "action-done", who: "squall", text, data });
  }
  const state = await world.stateOf(action);
  const outputs = { output: { value: state }, before: { value: was } };
  if (proof === undefined) return { seen: state, outputs };
  const { seen } = await waitFor(proof, stage, { withinMs });
  return { seen, outputs };
}

interface Begun {
  /** The state that the action itself changes, before it. */
  readonly was: string;
  readonly isBegun: boolean;
}

/** Its beginning in the journal, written now unless it was before a crash. */
async function begun(step: ActionStep, key: string, place: Place, stage: Stage): Promise<Begun> {
  const { world, journal, done } = stage;
  const { action, undo } = step;
  const entry = journal.entries().find(({ kind, data = {} }) => kind === "action-begins" && data["key"] === key);
  if (entry !== undefined) return { was: String(entry.data?.["was"]), isBegun: true };
  const was = await world.stateOf(action);
  const before = undo.kind === "action" ? await world.stateOf(undo.action) : was;
  const force: Omit<DoneAction, "kind" | "step"> = { key, action, undo, before };
  await write(stage, place, {
    kind: "action-begins",
    who: "squall",
    text: describeAction(action),
    data: { ...force, was },
  });
  if (!done.some((each) => each.step === place.step)) done.push({ kind: "action", step: place.step, ...force });
  return { was, isBegun: false };
}

function wasDone(key: string, { journal }: Stage): boolean {
  return journal.entries().some(({ kind, data = {} }) => kind === "action-done" && data["key"] === key);
}
