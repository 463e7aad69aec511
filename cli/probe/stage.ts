/**
 * A stage for experiments: mock providers, each with its own fault, an upstream that remembers headers, and the real gateway in
 * front of them all.
 */
import { createServer, type IncomingHttpHeaders } from "node:http";
import { invariant } from "../../core/invariant.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { FaultKind } from "../../core/scenario/fault-spec.ts";
import type { Dialect } from "../../core/scenario/provider-spec.ts";
import type { TimelineEntry } from "../../core/scenario/scenario.ts";
import type { Ms } from "../../core/time.ts";
import type { GatewayDriver, RunningGateway, UpstreamProvider, UpstreamRoute } from "../../gateways/driver.ts";
import { defaultProviders } from "../../mock-providers/default-providers.ts";
import type { MockProviderConfig } from "../../mock-providers/config.ts";
import { type MockServer, startMock } from "../../mock-providers/server.ts";

/** A provider of an experiment. */
export interface Actor {
  readonly name: string;
  readonly dialect: Dialect;
  /** All the time; undefined: none. */
  readonly fault: FaultKind | undefined;
}

/** Routes by the model that a client asks for; the header upstream has one of its own. */
export type Routing = ReadonlyMap<string, readonly string[]>;

export interface Stage {
  readonly signal: AbortSignal;
  readonly gateway: RunningGateway;
  /** Calls that the providers saw for the request with that key, oldest first. */
  readonly callsOf: (key: string) => Promise<readonly RequestRecord[]>;
  /** Headers of the last call that reached the upstream which remembers them; undefined: none has. */
  readonly headersSeen: () => IncomingHttpHeaders | undefined;
  readonly close: () => Promise<void>;
}

export interface StageChoices {
  readonly driver: GatewayDriver;
  readonly cacheDir: string;
  readonly retries: number;
  readonly actors: readonly Actor[];
  readonly routing: Routing;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Model of the upstream that remembers headers. */
export const headerModel = "probe-headers";
/** What gateways retry and fall back on, where they can be told: `platform.retries.on` unless a scenario says otherwise. */
export const retryOn: readonly number[] = [429, 500, 502, 503, 504];

const readyTimeoutMs: Ms = 120_000;
const stopDeadlineMs: Ms = 3_000;

export async function setStage(choices: StageChoices): Promise<Stage> {
  const mock = await startMock({ config: mockConfig(choices.actors), host: "127.0.0.1", port: 0 });
  const memory = await headerMemory();
  const closeUpstreams = async (): Promise<void> => {
    memory.close();
    await mock.close(0);
  };
  try {
    const gateway = await choices.driver.start({
      policy: {
        routes: [...routesOf(choices, mock), memory.route],
        retries: choices.retries,
        retryOn,
        requestTimeoutMs: undefined,
      },
      port: 0,
      cacheDir: choices.cacheDir,
      readyTimeoutMs,
      onProgress: choices.onProgress,
      signal: choices.signal,
    });
    return {
      signal: choices.signal,
      gateway,
      callsOf: async (key) => (await journal(mock)).filter((call) => call.key === key),
      headersSeen: memory.headersSeen,
      close: async () => {
        await gateway.stop(stopDeadlineMs);
        await closeUpstreams();
      },
    };
  } catch (cause) {
    await closeUpstreams();
    throw cause;
  }
}

function mockConfig(actors: readonly Actor[]): Parameters<typeof startMock>[0]["config"] {
  return {
    seed: 1,
    timeScale: 1,
    latencyScale: 1,
    streamHeaders: "first-event",
    providers: actors.map(({ name, dialect }) => providerLike(dialect, name)),
    faults: actors.flatMap(({ name, fault }): TimelineEntry[] =>
      fault === undefined
        ? []
        : [{ atMs: 0, forMs: undefined, fault: { provider: name, model: undefined, share: 1, ...fault } }],
    ),
  };
}

/** The mock's own provider of that dialect, under another name, with its first model. */
function providerLike(dialect: Dialect, name: string): MockProviderConfig {
  const like = defaultProviders.find((provider) => provider.dialect === dialect);
  invariant(like !== undefined, `the mock has a provider of dialect ${dialect}`);
  const keys = [{ apiKey: `sk-squall-${name}`, organization: "org-squall", state: "active" as const }];
  return { ...like, name, models: like.models.slice(0, 1), keys };
}

function routesOf({ actors, routing }: StageChoices, mock: MockServer): readonly UpstreamRoute[] {
  const upstream = (name: string): UpstreamProvider => {
    const actor = actors.find((each) => each.name === name);
    const ready = mock.ready.providers[name];
    invariant(actor !== undefined && ready !== undefined, `${name} is on the stage`);
    const { baseUrl, apiKey, model } = ready;
    return { name, dialect: actor.dialect, baseUrl, apiKey, ...(model === undefined ? {} : { model }) };
  };
  return [...routing].map(([model, names]) => ({ model, providers: names.map(upstream) }));
}

async function journal(mock: MockServer): Promise<readonly RequestRecord[]> {
  const lines = (await (await fetch(`${mock.url}/_squall/journal`)).text()).split("\n");
  return lines.flatMap((line) => (line === "" ? [] : [JSON.parse(line) as RequestRecord]));
}

interface HeaderMemory extends Pick<Stage, "headersSeen"> {
  readonly route: UpstreamRoute;
  readonly close: () => void;
}

/** An OpenAI that always says the same, and remembers who asked. */
async function headerMemory(): Promise<HeaderMemory> {
  let headers: IncomingHttpHeaders | undefined;
  const message = { role: "assistant", content: "yes" };
  const answer = JSON.stringify({
    id: "chatcmpl-probe",
    object: "chat.completion",
    created: 1,
    model: "gpt-4o-mini",
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
  const server = createServer((request, response) => {
    headers = request.headers;
    request.resume();
    response.writeHead(200, { "content-type": "application/json" }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  return {
    route: {
      model: headerModel,
      providers: [{ name: headerModel, dialect: "openai", model: "gpt-4o-mini", baseUrl, apiKey: "sk-squall" }],
    },
    headersSeen: () => headers,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
