/**
 * An engine with continuous batching (Orca, OSDI 2022; vLLM, SOSP 2023), step by step and in no clock's time but the one it is told.
 *
 * Every step decodes one token for each running sequence and spends what is left of `batchTokensMax` on prompts, in order of
 * arrival and in chunks (Sarathi-Serve, OSDI 2024; vLLM's chunked prefill). Who waits is admitted in order of arrival, while there
 * are places and KV memory; nobody overtakes. A call that comes during a step waits for its end.
 *
 * When a token comes depends on calls that come later, so nobody can be told at once. The engine answers with the instant at which
 * a token came, or, as long as that lies ahead, with one before which it cannot come, whatever else is asked or given up. Whoever
 * waits asks again then. A bound falls short of the truth by a factor, the batch over a single sequence, so a few questions find a
 * token that is far off. Only who waits for a place has to ask every step.
 *
 * A step costs the same however many sequences decode: running sequences are counted, not visited. A sequence's i-th token comes at
 * the end of the i-th step from its first, so one list of steps holds the times of all.
 */
import { invariant } from "../../../core/invariant.ts";
import type { EngineSpec } from "../../../core/scenario/latency-spec.ts";
import type { Ms } from "../../../core/time.ts";
import { type KvHold, KvMemory } from "./kv-memory.ts";
import { stepMs } from "./step-time.ts";

export interface SequenceAsk {
  /** Prompt tokens, all of them. */
  readonly promptTokens: number;
  /** Of those, tokens that need not be read although no block of them has a name. */
  readonly cachedTokens: number;
  /** Names of the prompt's blocks, of `prefixBlockTokens` each, from its beginning. */
  readonly blocks: readonly number[];
  /** At least 1. */
  readonly outputTokens: number;
}

/** One call in the engine. */
export interface Sequence {
  readonly ask: SequenceAsk;
  /** Prompt tokens that it did not have to read; known when it has been admitted. */
  readonly foundTokens: number;
}

type State = "waiting" | "reading" | "decoding" | "done";

interface Running extends Sequence {
  foundTokens: number;
  state: State;
  hold: KvHold | undefined;
  /** Prompt tokens in memory, found or read, and those that the step under way reads. */
  readTokens: number;
  chunkTokens: number;
  /** Step at whose end the first token comes. */
  firstStep: number;
  /** Its own copy of the times, once it is done. */
  tokensMs: Float64Array | undefined;
}

/** Steps whose ends are remembered before those that nobody needs any more are dropped. */
const stepsKept = 65_536;

/** An instant that has been through a subtraction and back. */
const roundingMs: Ms = 1e-6;

export class BatchEngine {
  readonly #spec: EngineSpec;
  readonly #scale: number;
  readonly #memory: KvMemory;
  /** In order of arrival. */
  readonly #waiting = new Set<Running>();
  readonly #reading = new Set<Running>();
  readonly #decoding = new Set<Running>();
  /** Sequences by the step at whose end their last token comes. */
  readonly #lastSteps = new Map<number, Running[]>();
  /** Given up during the step under way, which still computes them. */
  readonly #leaving = new Set<Running>();
  /** Tokens in memory of those that decode. */
  #kvTokens = 0;
  /** The step under way, or the next one; ends of those before, from `#firstKept` on. */
  #step = 0;
  #stepEndMs: Ms = Number.POSITIVE_INFINITY;
  #ends: number[] = [];
  #firstKept = 0;

  /** `scale` multiplies every time. */
  constructor(spec: EngineSpec, scale = 1) {
    invariant(spec.sequencesMax <= spec.batchTokensMax, "every running sequence has a token in each step");
    invariant(spec.prefixBlockTokens % spec.kvBlockTokens === 0, "a named block is made of whole blocks of memory");
    this.#spec = spec;
    this.#scale = scale;
    this.#memory = new KvMemory(spec);
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get running(): number {
    return this.#reading.size + this.#decoding.size;
  }

  /** Share of the KV memory that running sequences hold. */
  get memoryShare(): number {
    return this.#memory.heldTokens / this.#spec.kvTokens;
  }

  /** Whether a call of that length can ever be served. */
  couldEverServe({ promptTokens, outputTokens }: SequenceAsk): boolean {
    return this.#memory.couldEverFit(promptTokens + outputTokens);
  }

  /** Whether as many wait as may. */
  isFull(nowMs: Ms): boolean {
    this.#settle(nowMs);
    return this.#waiting.size >= this.#spec.waitingMax && this.#stepEndMs < Number.POSITIVE_INFINITY;
  }

  /** Takes a call. Undefined: too many wait. */
  submit(nowMs: Ms, ask: SequenceAsk): Sequence | undefined {
    invariant(this.couldEverServe(ask) && ask.outputTokens >= 1, "a call that can be served");
    if (this.isFull(nowMs)) return undefined;
    const sequence: Running = {
      ask,
      foundTokens: 0,
      state: "waiting",
      hold: undefined,
      readTokens: 0,
      chunkTokens: 0,
      firstStep: Number.POSITIVE_INFINITY,
      tokensMs: undefined,
    };
    this.#waiting.add(sequence);
    if (this.#stepEndMs === Number.POSITIVE_INFINITY) this.#startStep(nowMs);
    return sequence;
  }

  /** The call is given up, or has ended. What the step under way computes for it is lost. */
  leave(nowMs: Ms, left: Sequence): void {
    this.#settle(nowMs);
    const sequence = left as Running;
    if (sequence.state === "waiting") this.#waiting.delete(sequence);
    else if (sequence.state !== "done") this.#leaving.add(sequence);
  }

  /** When output token `index` came; if that is after `nowMs`: it does not come before. */
  tokenMs(nowMs: Ms, of: Sequence, index: number): Ms {
    this.#settle(nowMs);
    const sequence = of as Running;
    const copied = sequence.tokensMs?.[index];
    if (copied !== undefined) return copied;
    const { step } = this.#spec;
    if (sequence.state === "done") return Number.POSITIVE_INFINITY; // given up before that token
    if (sequence.state === "waiting") return this.#stepEndMs + this.#scale * (index + 1) * step.decodeMs;
    if (sequence.state === "decoding") return this.#endOf(sequence.firstStep + index);
    const toRead = sequence.ask.promptTokens - sequence.readTokens - sequence.chunkTokens;
    const stepsToRead = Math.ceil(toRead / this.#spec.batchTokensMax);
    const readMs = stepsToRead * step.prefillMs + toRead * step.perPromptTokenMs;
    return this.#stepEndMs + this.#scale * (Math.max(readMs, stepsToRead * step.decodeMs) + index * step.decodeMs);
  }

  /** End of a step: as it was, as it will be for the one under way, or not before this. */
  #endOf(step: number): Ms {
    const { decodeMs, perSequenceMs } = this.#spec.step;
    if (step < this.#step) return this.#ends[step - this.#firstKept] ?? 0;
    return this.#stepEndMs + this.#scale * (step - this.#step) * (decodeMs + perSequenceMs);
  }

  /** Does all steps that have ended. */
  #settle(nowMs: Ms): void {
    while (this.#stepEndMs < Number.POSITIVE_INFINITY && this.#stepEndMs <= nowMs + roundingMs) {
      const endMs = this.#stepEndMs;
      this.#endStep(endMs);
      this.#startStep(endMs);
    }
  }

  #startStep(startMs: Ms): void {
    const { batchTokensMax, sequencesMax, step } = this.#spec;
    let budget = batchTokensMax - this.#decoding.size;
    let promptSquares = 0;
    const read = (sequence: Running): void => {
      const chunk = Math.min(budget, sequence.ask.promptTokens - sequence.readTokens);
      const { readTokens } = sequence;
      sequence.chunkTokens = chunk;
      promptSquares += chunk * (chunk + 2 * readTokens);
      budget -= chunk;
    };
    for (const sequence of this.#reading) if (budget > 0) read(sequence);
    for (const sequence of this.#waiting) {
      if (budget <= 0 || this.running >= sequencesMax || !this.#admit(sequence)) break;
      read(sequence);
    }
    const promptTokens = batchTokensMax - this.#decoding.size - budget;
    if (this.running === 0) {
      this.#stepEndMs = Number.POSITIVE_INFINITY;
      return;
    }
    const work = { decoding: this.#decoding.size, kvTokens: this.#kvTokens, promptTokens, promptSquares };
    this.#stepEndMs = startMs + this.#scale * stepMs(step, work);
  }

  /** Moves a sequence from the queue into the batch, if its KV memory is there. */
  #admit(sequence: Running): boolean {
    const { promptTokens, cachedTokens, outputTokens } = sequence.ask;
    const hold = this.#memory.take(promptTokens + outputTokens, this.#namesOf(sequence));
    if (hold === undefined) return false;
    // The last token of a prompt is always read: the first of the answer comes out of it.
    sequence.foundTokens = Math.min(promptTokens - 1, Math.max(hold.foundTokens, cachedTokens));
    sequence.readTokens = sequence.foundTokens;
    sequence.hold = hold;
    sequence.state = "reading";
    this.#waiting.delete(sequence);
    this.#reading.add(sequence);
    return true;
  }

  /** Names of the blocks that the prompt fills wholly. */
  #namesOf({ ask }: Running): readonly number[] {
    const { prefixCache, prefixBlockTokens } = this.#spec;
    return prefixCache ? ask.blocks.slice(0, Math.floor(ask.promptTokens / prefixBlockTokens)) : [];
  }

  #endStep(endMs: Ms): void {
    this.#ends.push(endMs);
    this.#kvTokens += this.#decoding.size;
    for (const sequence of this.#reading) this.#endChunk(sequence);
    for (const sequence of this.#lastSteps.get(this.#step) ?? []) {
      if (sequence.state === "decoding") this.#finish(sequence);
    }
    this.#lastSteps.delete(this.#step);
    for (const sequence of this.#leaving) if (sequence.state !== "done") this.#finish(sequence);
    this.#leaving.clear();
    this.#step += 1;
    if (this.#ends.length > stepsKept) this.#dropSteps();
  }

  /** A chunk has been read; after the last one the first token is there. */
  #endChunk(sequence: Running): void {
    const { promptTokens, outputTokens } = sequence.ask;
    sequence.readTokens += sequence.chunkTokens;
    sequence.chunkTokens = 0;
    if (sequence.readTokens < promptTokens) return;
    invariant(sequence.hold !== undefined, "a sequence that runs holds memory");
    sequence.hold = this.#memory.keep(sequence.hold, this.#namesOf(sequence));
    sequence.state = "decoding";
    sequence.firstStep = this.#step;
    this.#reading.delete(sequence);
    this.#decoding.add(sequence);
    this.#kvTokens += promptTokens + 1;
    const lastStep = this.#step + outputTokens - 1;
    this.#lastSteps.set(lastStep, [...(this.#lastSteps.get(lastStep) ?? []), sequence]);
  }

  #finish(sequence: Running): void {
    invariant(sequence.hold !== undefined, "a sequence that runs holds memory");
    this.#memory.give(sequence.hold);
    if (sequence.state === "decoding") {
      const tokens = this.#step - sequence.firstStep + 1;
      const from = sequence.firstStep - this.#firstKept;
      sequence.tokensMs = Float64Array.from(this.#ends.slice(from, from + tokens));
      this.#kvTokens -= sequence.ask.promptTokens + tokens;
      this.#decoding.delete(sequence);
    }
    this.#reading.delete(sequence);
    sequence.state = "done";
  }

  #dropSteps(): void {
    let needed = this.#step;
    for (const { firstStep } of this.#decoding) needed = Math.min(needed, firstStep);
    this.#ends = this.#ends.slice(needed - this.#firstKept);
    this.#firstKept = needed;
  }
}
