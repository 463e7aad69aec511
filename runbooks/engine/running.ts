/**
 * A step that runs something outside of Squall: a program, kubectl, a request over HTTP.
 *
 *     allowed? ─▶ dry run ─▶ shown, and allowed by a person ─▶ state before ─▶ run ─▶ proof
 *
 * Everything that it may come to run, its undo included, has to be allowed before anything is. What a crash left begun is not run a
 * second time while anything can tell that it was done: the state that it changes, its proof, or a person.
 *
 * A simulation has no machines to run it on: there a person says that they would, which takes the time that it takes, and goes on.
 */
import { addressAt, commandText, dryRunOf, notAllowed, onlyReads, succeeded } from "./commands.ts";
import { shortened } from "./evidence.ts";
import { filledWords, type StepOutputs } from "./outputs.ts";
import { redactText } from "./redaction.ts";
import type { CommandStep } from "./runbook.ts";
import { idempotencyKey, type Outcome, type Place, seenOf, type Stage, write } from "./stage.ts";
import { saidBy, StepFailed } from "./step-failed.ts";
import type { DoneCommand } from "./undo.ts";
import { waitFor } from "./waiting.ts";
import { type CommandResult, commandOf } from "./world.ts";

export async function run(written: CommandStep, place: Place, stage: Stage): Promise<Outcome> {
  const { tool } = written;
  if (stage.mode === "tabletop") return { seen: `would run ${commandText(tool, written.words)}` };
  if (stage.world.command === undefined) return await talkThrough(written, place, stage);
  const step = filled(written, stage);
  assertAllowed(step, stage);
  const key = idempotencyKey(stage, place);
  const outputs = earlierOutputs(key, stage) ?? (await runOnce(step, key, place, stage));
  const ended = outputs["status"]?.value ?? "nobody knows what";
  const seen = `ended with ${ended}: ${shortened(redactText(String(outputs["output"]?.value ?? "")))}`;
  const status = Number(ended);
  if (!Number.isNaN(status) && !succeeded(tool, { status, output: "" })) {
    throw new StepFailed(`${commandText(tool, step.words)} ${seen}`, outputs);
  }
  if (step.proof === undefined) return { seen, outputs };
  const proof = await waitFor(step.proof, stage, { withinMs: step.withinMs });
  return { seen: `${seen}; ${proof.seen}`, outputs };
}

/** Nothing is run, so nothing is allowed, given to later steps, taken back, or waited for. */
async function talkThrough({ tool, words }: CommandStep, place: Place, stage: Stage): Promise<Outcome> {
  const text = commandText(tool, words);
  const { yes, who } = await stage.people.ask(
    {
      id: `${place.visit}.${place.attempt}/command`,
      kind: "command",
      role: "responder",
      text: `A simulation has no machines, so nothing is run. Would you run ${text}?`,
      ...place,
      choices: { yes: "I would run it", no: "I would not" },
      wants: "nothing",
    },
    (answer) => ({ text: answer.note ?? (answer.yes ? "would run it" : "would not run it") }),
  );
  if (!yes) throw new StepFailed(`${who.name} would not run ${text}`);
  return { seen: `would run ${text}: not run, a simulation has no machines` };
}

/** All words of a step with what earlier steps gave. */
function filled(step: CommandStep, { outputs }: Stage): CommandStep {
  const fill = (words: readonly string[]): readonly string[] => {
    const read = filledWords(words, outputs, (index) => index === addressAt(step.tool));
    if (read.ok) return read.words;
    throw new StepFailed(`${commandText(step.tool, words)} cannot be run: ${read.missing} is not known`);
  };
  return {
    ...step,
    words: fill(step.words),
    undo: step.undo?.kind === "command" ? { kind: "command", words: fill(step.undo.words) } : step.undo,
    dryRun: step.dryRun === undefined ? undefined : fill(step.dryRun),
    state: step.state === undefined ? undefined : fill(step.state),
  };
}

function assertAllowed({ tool, words, undo, dryRun, state }: CommandStep, { allowed }: Stage): void {
  const all = [words, undo?.kind === "command" ? undo.words : undefined, dryRun, state];
  const why = all.flatMap((each) => (each === undefined ? [] : (notAllowed(tool, each, allowed) ?? [])))[0];
  if (why !== undefined) throw new StepFailed(why);
}

/** Of the same attempt, which ended before a crash. */
function earlierOutputs(key: string, { journal }: Stage): StepOutputs | undefined {
  const entry = journal.entries().find(({ kind, data = {} }) => kind === "command-done" && data["key"] === key);
  return entry?.data?.["outputs"] as StepOutputs | undefined;
}

/** Runs it, or finds out that it was run. */
async function runOnce(step: CommandStep, key: string, place: Place, stage: Stage): Promise<StepOutputs> {
  const text = commandText(step.tool, step.words);
  const isFound = await wasRun(step, key, place, stage);
  if (isFound === undefined) {
    await show(step, key, place, stage);
    await begin(step, key, place, stage);
  }
  if (isFound === true) return await end({}, { found: true });
  const { status, output } = await ask(step, step.words, key, stage);
  return await end({ output: { value: output }, status: { value: status, unit: "count" } }, {});

  async function end(outputs: StepOutputs, data: object): Promise<StepOutputs> {
    await write(stage, place, { kind: "command-done", who: "squall", text, data: { key, outputs, ...data } });
    return outputs;
  }
}

/** Whether a crash left it done; undefined: it was not even begun. */
async function wasRun(step: CommandStep, key: string, place: Place, stage: Stage): Promise<boolean | undefined> {
  const { tool, words, state, proof } = step;
  const begun = stage.journal.entries().find(({ kind, data = {} }) => kind === "command-begins" && data["key"] === key);
  if (begun === undefined) return undefined;
  if (onlyReads(tool, words)) return false;
  if (state !== undefined) {
    return redactText((await ask(step, state, `${key}/state`, stage)).output) !== begun.data?.["before"];
  }
  if (proof !== undefined && (await seenOf(proof, stage)).holds) return true;
  const text = `${commandText(tool, words)} was begun before the crash, and nothing tells whether it was done. Was it?`;
  const { yes } = await stage.people.ask(
    {
      id: `${place.visit}/was-it-done`,
      kind: "command",
      role: "responder",
      text,
      ...place,
      choices: { yes: "It was done", no: "It was not: run it" },
      wants: "nothing",
    },
    (answer) => ({ text: answer.note ?? (answer.yes ? "it was done" : "it was not done") }),
  );
  return yes;
}

/** A dry run where there is one, and a person who sees both before it runs. */
async function show(step: CommandStep, key: string, place: Place, stage: Stage): Promise<void> {
  const { tool, words, undo } = step;
  const text = commandText(tool, words);
  const dryRun = onlyReads(tool, words) ? undefined : dryRunOf(step);
  let said = "";
  if (dryRun !== undefined) {
    const result = await ask(step, dryRun, `${key}/dry-run`, stage);
    said = shortened(redactText(result.output));
    const data = { words: dryRun, status: result.status };
    await write(stage, place, { kind: "dry-run", who: "squall", text: `${commandText(tool, dryRun)}: ${said}`, data });
    if (!succeeded(tool, result)) throw new StepFailed(`dry run of ${text} ended with ${result.status}: ${said}`);
  }
  const undone =
    undo === undefined
      ? ""
      : undo.kind === "none"
        ? ` Nothing takes it back: ${undo.why}.`
        : ` Taken back by ${commandText(tool, undo.words)}.`;
  const { yes, who } = await stage.people.ask(
    {
      id: `${place.visit}.${place.attempt}/command`,
      kind: "command",
      role: "responder",
      text: `Run ${text}?${said === "" ? "" : ` The dry run says: ${said}.`}${undone}`,
      ...place,
      choices: { yes: "Run it", no: "Do not run it" },
      wants: "nothing",
    },
    (answer) => ({ text: answer.note ?? (answer.yes ? "runs it" : "does not run it") }),
  );
  if (!yes) throw new StepFailed(`${who.name} does not run ${text}`);
}

async function begin(step: CommandStep, key: string, place: Place, stage: Stage): Promise<void> {
  const { tool, words, undo, state, withinMs } = step;
  const looked = state === undefined ? undefined : await ask(step, state, `${key}/state`, stage);
  if (looked !== undefined && !succeeded(tool, looked)) {
    throw new StepFailed(
      `${commandText(tool, state ?? [])} ended with ${looked.status}: the state is not known, so nothing was run`,
    );
  }
  const before = looked === undefined ? undefined : redactText(looked.output);
  const data = { key, tool, words, undo, state, before, withinMs };
  await write(stage, place, { kind: "command-begins", who: "squall", text: commandText(tool, words), data });
  if (undo === undefined || stage.done.some((each) => each.step === place.step)) return;
  stage.done.push({
    kind: "command",
    step: place.step,
    key,
    tool,
    words,
    undo,
    state,
    before,
    withinMs,
  } satisfies DoneCommand);
}

async function ask(
  step: CommandStep,
  words: readonly string[],
  key: string,
  { world, watch, signal }: Stage,
): Promise<CommandResult> {
  const { tool, withinMs } = step;
  const limit = new AbortController();
  const asked = { tool, words, key, withinMs, signal: AbortSignal.any([signal, limit.signal]) };
  const ran = commandOf(world)(asked).catch((cause: unknown) => {
    // Whoever ended the drill broke it off: that is no failure of the step.
    signal.throwIfAborted();
    throw new StepFailed(`${commandText(tool, words)}: ${saidBy(cause)}`);
  });
  return await watch.during(ran, () => limit.abort());
}
