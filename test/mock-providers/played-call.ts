/**
 * One call played on fake time: a provider that decides as the test says, a response that notes what is written when. The
 * clock, the pacer, the journal and the metrics are the real ones.
 */
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import type { Provider, ProviderAsk, ProviderDecision, ResponsePlan, Usage } from "../../behavior/provider.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { AnswerWriter } from "../../mock-providers/answer.ts";
import { wallMs } from "../../mock-providers/clock.ts";
import type { MockConfig } from "../../mock-providers/config.ts";
import { playCall } from "../../mock-providers/exchange.ts";
import { Mock } from "../../mock-providers/mock.ts";
import { testConfig } from "./mock-under-test.ts";

export interface Written {
  readonly atMs: number;
  readonly text: string;
}

/** As much of a ServerResponse as answers use. */
export class NotedResponse extends EventEmitter {
  readonly beganMs: number = wallMs();
  readonly written: Written[] = [];
  /** What `write` says: false makes the writer wait for `drain`. */
  roomLeft = true;
  destroyed = false;
  ended = false;
  headersAtMs: number | undefined;
  resetAtMs: number | undefined;
  readonly socket: object = {
    resetAndDestroy: () => {
      this.resetAtMs = this.#nowMs();
      this.leave();
    },
    destroySoon: () => this.leave(),
  };

  writeHead(): this {
    this.headersAtMs = this.#nowMs();
    return this;
  }

  flushHeaders(): void {
    this.headersAtMs ??= this.#nowMs();
  }

  write(text: string): boolean {
    this.written.push({ atMs: this.#nowMs(), text });
    return this.roomLeft;
  }

  end(text: string): void {
    this.written.push({ atMs: this.#nowMs(), text });
    this.ended = true;
    this.leave();
  }

  destroy(): void {
    this.leave();
  }

  /** The client, or the server, closes the connection. */
  leave(): void {
    this.destroyed = true;
    this.emit("close");
  }

  #nowMs(): number {
    return wallMs() - this.beganMs;
  }
}

export interface PlayedCall {
  readonly mock: Mock;
  readonly response: NotedResponse;
  /** What the provider was told at the end; empty while the call goes on. */
  readonly settled: readonly Usage[];
  /** What the journal says; undefined while the call goes on. */
  readonly record: () => RequestRecord | undefined;
}

const ask: ProviderAsk = {
  apiKey: "sk-test",
  requestKey: "k",
  attempt: 2,
  model: "gpt-4o-mini",
  inputTokens: 10,
  cachedTokens: 4,
  promptCharacters: 40,
  maxOutputTokens: undefined,
  outputTokens: 8,
  stream: true,
};

const noQuota = { requests: undefined, tokens: undefined };

/** Events as digits in the text, so that a test reads which ones left: `<` head, `>` tail, `!` error. */
const answer: AnswerWriter = {
  refusal: (refusal) => ({ status: 429, headers: [], body: refusal.kind, reason: refusal.kind }),
  whole: () => ({ status: 200, headers: [], body: "whole", reason: "" }),
  stream: () => ({
    headers: [],
    head: () => "<",
    content: (from, to) => Array.from({ length: to - from }, (_, index) => String(from + index)).join(""),
    tail: () => ">",
    error: (status) => `!${status}`,
  }),
};

/** Plays a call that the provider decides so. */
export function play(
  decision: ProviderDecision,
  options: { readonly config?: Partial<MockConfig>; readonly ask?: Partial<ProviderAsk>; readonly gone?: boolean } = {},
): PlayedCall {
  const mock = new Mock(testConfig({ latencyScale: 1, ...options.config }));
  const settled: Usage[] = [];
  const provider: Pick<Provider, "begin" | "finish"> = {
    begin: () => decision,
    finish: (_nowMs, _ticket, usage) => {
      settled.push(usage);
      return 1_000;
    },
  };
  const response = new NotedResponse();
  response.destroyed = options.gone ?? false;
  const mounted = mock.state.providers.get("openai");
  if (mounted === undefined) throw new Error("the default configuration has OpenAI");
  playCall({
    mock,
    state: mock.state,
    mounted: { ...mounted, provider: { ...mounted.provider, ...provider } },
    response: response as unknown as ServerResponse, // as much of one as answers use
    arrivalMs: mock.state.clock.nowMs(),
    phase: "load",
    key: "k",
    tokensBy: "marker",
    organization: "org",
    ask: { ...ask, ...options.ask },
    answer,
  });
  return { mock, response, settled, record: () => onlyRecord(mock) };
}

/** Nobody's end is written down twice. */
function onlyRecord(mock: Mock): RequestRecord | undefined {
  const [record, ...others] = mock.state.journal.read(0, 2);
  if (others.length > 0) throw new Error("the call ended twice");
  return record;
}

/** A served call whose content events are due at these times; two tokens each. */
export function served(dueMs: readonly number[], broken: Partial<ResponsePlan> = {}): ProviderDecision {
  const totalMs = dueMs.at(-1) ?? 5;
  const plan: ResponsePlan = {
    ttftMs: dueMs[0] ?? totalMs,
    chunks: dueMs.length,
    chunkAtMs: (index) => dueMs[index] ?? totalMs,
    totalMs,
    outputTokens: 2 * dueMs.length,
    finish: "stop",
    ...broken,
  };
  return { kind: "serve", ticket: { id: 1 }, plan, quota: noQuota };
}

export function refused(afterMs: number): ProviderDecision {
  return { kind: "refuse", refusal: { kind: "insufficient-quota" }, quota: noQuota, afterMs };
}
