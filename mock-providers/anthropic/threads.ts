/**
 * Conversations that the service holds, so that a client sends only what is new: the beta `message-threads-2026-08-12`, which the
 * SDK's own loop of tools makes use of (@anthropic-ai/sdk 1.11.0, lib/internal/threads/ThreadState.ts and BetaMessageThreadParam).
 *
 * `{ type: "create" }` holds request and answer under the answer's id; `{ type: "continue", previous_message_id }` goes on from there,
 * once. System prompt and tools are those of the beginning, and a request that brings its own is refused. The statuses and codes of
 * refusals are the SDK's classes; their texts are the comments there.
 */
import { isAbsent, isObject, parseObject, type Fields } from "../json-fields.ts";
import type { KeptAnswers } from "../kept-items.ts";
import type { Parsed } from "../generation.ts";
import { type ApiError, invalidRequest } from "./errors.ts";
import { notA, notOneOf, required } from "./parameters.ts";

/** A conversation up to an answer that is still to come. */
export interface Thread {
  readonly system: unknown;
  readonly tools: unknown;
  readonly messages: unknown;
  /** The answer from which it goes on; undefined: it begins. */
  readonly previousId: string | undefined;
}

/** The whole of a request, with what is held of its conversation put in. */
export interface ThreadedFields {
  readonly fields: Fields;
  /** undefined: nothing is to be held. */
  readonly thread: Thread | undefined;
}

const types = ["continue", "create"];

export function readThread(written: Fields, kept: KeptAnswers, organization: string): Parsed<ThreadedFields, ApiError> {
  const { thread, ...fields } = written;
  if (isAbsent(thread)) return { ok: true, request: { fields, thread: undefined } };
  if (!isObject(thread)) return { ok: false, error: notA("dictionary", "thread") };
  const { type, previous_message_id: previousId } = thread;
  if (type === "create") return { ok: true, request: { fields, thread: threadOf(fields, undefined) } };
  if (type !== "continue") return { ok: false, error: notOneOf("thread.type", types) };
  if (typeof previousId !== "string") return { ok: false, error: required("thread.continue.previous_message_id") };
  const held = kept.get(previousId, organization);
  if (held === undefined) return { ok: false, error: notFound };
  if (held.body === continued) return { ok: false, error: alreadyContinued };
  if (!isAbsent(fields["system"]) || !isAbsent(fields["tools"])) return { ok: false, error: changed };
  const before: Fields = parseObject(held.body) ?? {};
  const messages = [...listOf(before["messages"]), ...listOf(fields["messages"])];
  const whole: Fields = { ...fields, ...before, messages };
  return { ok: true, request: { fields: whole, thread: threadOf(whole, previousId) } };
}

/** Holds the conversation with its answer. `content`: the blocks of the answer. */
export function keepThread(
  kept: KeptAnswers,
  organization: string,
  { system, tools, messages, previousId }: Thread,
  answerId: string,
  content: unknown,
): void {
  const conversation = { system, tools, messages: [...listOf(messages), { role: "assistant", content }] };
  const nothingElse = { organization, input: [], tokens: 0, openCalls: [] };
  kept.keep(answerId, { ...nothingElse, body: JSON.stringify(conversation) });
  if (previousId !== undefined) kept.keep(previousId, { ...nothingElse, body: continued });
}

/** In place of a conversation that has gone on. */
const continued = "";

function threadOf({ system, tools, messages }: Fields, previousId: string | undefined): Thread {
  return { system, tools, messages, previousId };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const notFound: ApiError = {
  ...invalidRequest("No usable Thread state was found for `previous_message_id`."),
  status: 404,
  type: "not_found_error",
  code: "thread_not_found",
};

const alreadyContinued: ApiError = {
  ...invalidRequest("The response that `previous_message_id` names has already been continued."),
  code: "thread_already_continued",
};

const changed: ApiError = {
  ...invalidRequest("`system` and `tools` must stay the same across a Thread's turns."),
  code: "thread_fingerprint_mismatch",
};
