/**
 * Cached contents: the beginning of prompts, sent once and then named (ai.google.dev/api/caching; @google/genai 3.1.0, Caches).
 *
 *     POST  .../cachedContents      GET  .../cachedContents      GET, PATCH, DELETE  .../cachedContents/ID
 *
 * They are kept for an hour unless told otherwise, and for one model; a prompt that names one is charged as if it were all there, with
 * what is cached at its price. Storing costs by the hour at Google; that is in no ledger, and these requests ask no limiter. Texts of
 * refusals: public error texts of the Gemini API; Vertex AI words some of them otherwise.
 */
import type { Fields } from "../json-fields.ts";
import { cacheableTokensMin } from "../../behavior/prompt-cache-rules.ts";
import { hourMs, type Ms, secondMs } from "../../core/time.ts";
import { send } from "../answer.ts";
import { bodyBytesMax, type Incoming } from "../dialect.ts";
import { noQuota, type Parsed, type RefusedCall, refuseUnread } from "../generation.ts";
import type { CachedContent } from "../kept-items.ts";
import { readBody } from "../request-body.ts";
import { countPrompt } from "../request-identity.ts";
import { parseBody, promptOf } from "./content-request.ts";
import { type GoogleError, googleError, invalidArgument, methodNotFound } from "./errors.ts";
import type { ContentService } from "./generate-content.ts";
import { cachedContentId } from "./ids.ts";
import { cachedContentFields } from "./proto-messages.ts";
import type { Reply } from "./reply.ts";
import { queryOf } from "./paths.ts";
import { contentsProblem } from "./parameters.ts";

/** What a path names. */
export interface CacheTarget {
  /** `projects/p/locations/l/` at Vertex AI, empty at the Gemini API. */
  readonly parent: string;
  /** Empty for all of them. */
  readonly id: string;
}

/** What is sent ahead, as it is kept. */
export interface CachedPrompt {
  readonly tokens: number;
  readonly contents: readonly Fields[];
  /** `systemInstruction`, `tools` and `toolConfig`. */
  readonly settings: Fields;
}

export function handleCachedContents(incoming: Incoming, service: ContentService, target: CacheTarget): void {
  readBody(incoming.request, bodyBytesMax, (body) => {
    if (body === undefined) refuseUnread(incoming, service.wire);
    else answer({ incoming, service, target, body });
  });
}

/** The one that a request to generate names. */
export function cachedPromptOf(
  incoming: Incoming,
  service: ContentService,
  model: string,
  name: string,
): Parsed<CachedPrompt, GoogleError> {
  const { mounted, arrivalMs } = incoming;
  const organization = mounted.accounts.get(service.wire.apiKeyOf(incoming, ""))?.organization ?? "";
  const found = alive(mounted.cachedContents.get(name.slice(name.lastIndexOf("/") + 1), organization), arrivalMs);
  if (found === undefined) return { ok: false, error: notFound };
  if (found.model !== model) {
    const problem = `Model used by GenerateContent request (models/${model}) and CachedContent (models/${found.model}) has to be the same.`;
    return { ok: false, error: invalidArgument(problem) };
  }
  const { contents, ...settings }: Fields = JSON.parse(found.body);
  return { ok: true, request: { tokens: found.tokens, contents: Array.isArray(contents) ? contents : [], settings } };
}

interface Asked {
  readonly incoming: Incoming;
  readonly service: ContentService;
  readonly target: CacheTarget;
  readonly body: string;
}

function answer(asked: Asked): void {
  const { incoming, service, target, body } = asked;
  const { mounted, request } = incoming;
  const apiKey = service.wire.apiKeyOf(incoming, body);
  const account = mounted.accounts.get(apiKey);
  const reply = service.wire.replyTo(incoming, account?.organization ?? "");
  const method = `${request.method} ${target.id === "" ? "all" : "one"}`;
  const who: RefusedCall = { apiKey, model: "", inputTokens: 0, maxOutputTokens: undefined, organization: "" };
  if (account === undefined) {
    refuse(
      asked,
      reply,
      service.wire.refusalError({ kind: "unknown-key" }, who, (ms) => ms, incoming),
    );
  } else if (method === "POST all") create(asked, reply);
  else if (method === "GET all") list(asked, reply);
  else if (method === "GET one" || method === "PATCH one" || method === "DELETE one") withOne(asked, reply);
  else refuse(asked, reply, methodNotFound);
}

function create(asked: Asked, reply: Reply): void {
  const { incoming, body } = asked;
  const { mounted, state } = incoming;
  const read = parseBody(body, cachedContentFields);
  if (!read.ok) return refuse(asked, reply, read.error);
  const { model: named, displayName, contents, systemInstruction, tools, toolConfig } = read.request;
  const model = typeof named === "string" ? named.slice(named.lastIndexOf("/") + 1) : "";
  const turns = Array.isArray(contents) ? contents : [];
  const lifeMs = lifeOf(read.request, incoming);
  if (model === "") return refuse(asked, reply, problemOf("model", "model is required"));
  if (!mounted.models.has(model)) return refuse(asked, reply, modelNotFound(model));
  const error = turns.length === 0 ? undefined : contentsProblem(turns);
  if (error !== undefined) return refuse(asked, reply, error);
  if (typeof lifeMs !== "number") return refuse(asked, reply, lifeMs);
  countPrompt(promptOf(read.request), (tokens) => {
    const tokensMin = cacheableTokensMin(mounted.spec.dialect, model);
    if (tokens < tokensMin) return refuse(asked, reply, tooSmall(tokens, tokensMin));
    const epochMs = state.clock.wall.epochMs();
    const id = cachedContentId(reply.start);
    const kept: CachedContent = {
      organization: reply.organization,
      model,
      displayName: typeof displayName === "string" ? displayName : undefined,
      body: JSON.stringify({ contents: turns, systemInstruction, tools, toolConfig }),
      tokens,
      createdEpochMs: epochMs,
      updatedEpochMs: epochMs,
      expiresMs: state.clock.nowMs() + lifeMs,
    };
    mounted.cachedContents.keep(id, kept);
    say(asked, reply, resource(asked, id, kept));
  });
}

function withOne(asked: Asked, reply: Reply): void {
  const { incoming, target, body } = asked;
  const { mounted, request, state, arrivalMs } = incoming;
  const found = alive(mounted.cachedContents.get(target.id, reply.organization), arrivalMs);
  if (found === undefined) return refuse(asked, reply, notFound);
  if (request.method === "GET") return say(asked, reply, resource(asked, target.id, found));
  if (request.method === "DELETE") {
    mounted.cachedContents.delete(target.id, reply.organization);
    return say(asked, reply, {});
  }
  const read = parseBody(body, cachedContentFields);
  if (!read.ok) return refuse(asked, reply, read.error);
  // Only its end can be changed (API reference, cachedContents.patch).
  const lifeMs = lifeOf(read.request, incoming);
  if (typeof lifeMs !== "number") return refuse(asked, reply, lifeMs);
  const changed = { ...found, updatedEpochMs: state.clock.wall.epochMs(), expiresMs: arrivalMs + lifeMs };
  mounted.cachedContents.keep(target.id, changed);
  return say(asked, reply, resource(asked, target.id, changed));
}

/** Pages of up to a thousand; `pageToken` is the id of the first on a page (API reference, cachedContents.list). */
function list(asked: Asked, reply: Reply): void {
  const { mounted, arrivalMs } = asked.incoming;
  const all = mounted.cachedContents.of(reply.organization).filter(([, item]) => alive(item, arrivalMs) !== undefined);
  const query = queryOf(asked.incoming);
  const from = Math.max(
    0,
    all.findIndex(([id]) => id === query.get("pageToken")),
  );
  const size = Math.max(
    1,
    Math.min(Math.trunc(Number(query.get("pageSize") ?? pageSizeMax)) || pageSizeMax, pageSizeMax),
  );
  const next = all[from + size]?.[0];
  const page = all.slice(from, from + size).map(([id, item]) => resource(asked, id, item));
  say(asked, reply, {
    ...(page.length === 0 ? {} : { cachedContents: page }),
    ...(next === undefined ? {} : { nextPageToken: next }),
  });
}

const pageSizeMax = 1_000;

function alive(item: CachedContent | undefined, nowMs: Ms): CachedContent | undefined {
  return item !== undefined && nowMs < item.expiresMs ? item : undefined;
}

const lifeUsualMs = hourMs;

/** How long it is kept from now on, scenario time: `ttl` in seconds, or until `expireTime`. */
function lifeOf({ ttl, expireTime }: Fields, { state: { clock } }: Incoming): Ms | GoogleError {
  if (typeof expireTime === "string") {
    const lifeWallMs = Date.parse(expireTime) - clock.wall.epochMs();
    return lifeWallMs > 0 ? lifeWallMs * clock.scale : problemOf("expire_time", "expire_time must be in the future");
  }
  if (typeof ttl !== "string") return lifeUsualMs;
  const seconds = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(ttl)?.[1];
  if (seconds !== undefined && Number(seconds) > 0) return Number(seconds) * secondMs;
  return invalidArgument(
    `Invalid value at 'ttl' (type.googleapis.com/google.protobuf.Duration), ${JSON.stringify(ttl.slice(0, 64))}`,
  );
}

function resource({ incoming, target: { parent } }: Asked, id: string, item: CachedContent): object {
  const { clock } = incoming.state;
  const expiresEpochMs = clock.wall.epochMs() + clock.toWallMs(item.expiresMs - clock.nowMs());
  return {
    name: `${parent}cachedContents/${id}`,
    model: `${parent}${parent === "" ? "" : "publishers/google/"}models/${item.model}`,
    ...(item.displayName === undefined ? {} : { displayName: item.displayName }),
    usageMetadata: { totalTokenCount: item.tokens },
    createTime: timestamp(item.createdEpochMs),
    updateTime: timestamp(item.updatedEpochMs),
    expireTime: timestamp(expiresEpochMs),
  };
}

/** RFC 3339 with microseconds, as Google writes it. */
function timestamp(epochMs: number): string {
  return new Date(epochMs).toISOString().replace("Z", "000Z");
}

function say({ incoming }: Asked, reply: Reply, body: object): void {
  send(incoming.response, reply.json(JSON.stringify(body), noQuota));
}

function refuse({ incoming }: Asked, reply: Reply, error: GoogleError): void {
  send(incoming.response, reply.error(error, noQuota));
}

const notFound: GoogleError = googleError(403, "CachedContent not found (or permission denied)");

function modelNotFound(model: string): GoogleError {
  return googleError(
    404,
    `models/${model.slice(0, 128)} is not found for API version v1beta, or is not supported for createCachedContent.`,
  );
}

function tooSmall(tokens: number, tokensMin: number): GoogleError {
  return invalidArgument(
    `Cached content is too small. total_token_count=${tokens}, min_total_token_count=${tokensMin}`,
  );
}

function problemOf(field: string, problem: string): GoogleError {
  return invalidArgument(`* CreateCachedContentRequest.cached_content.${field}: ${problem}\n`);
}
