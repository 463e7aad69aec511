/**
 * The control API of a mock, under `/_squall/`, for people with curl and for programs that run scenarios.
 *
 *     GET    /_squall/health                  is it up, or draining; what time is it in the scenario
 *     GET    /_squall/ready                   200 while it takes calls, 503 once it drains
 *     GET    /_squall/providers               each provider's base URL and keys, as on the first line that `squall mock` prints
 *     GET    /_squall/status                  what is limited, failing and happening: the data of the page at `/`
 *     GET    /_squall/config                  the configuration in words
 *     PATCH  /_squall/config                  changes it (JSON merge patch, RFC 7396); speeds keep the state, the rest starts anew
 *     GET    /_squall/faults                  the schedule
 *     POST   /_squall/faults                  puts one fault or a list on it; without `at` it begins now
 *     DELETE /_squall/faults?id=N             takes one off the schedule; without `id`, all
 *     POST   /_squall/reset                   scenario time 0, full quotas, empty ledger and journal; { seed } for another seed
 *     GET    /_squall/journal?after=N         entries after number N, one JSON document a line
 *     GET    /_squall/ledger                  what each provider counted
 *     GET    /_squall/limits                  how much of its scarcest limits each provider's keys have used up
 *     GET    /_squall/metrics, /metrics       Prometheus
 */
import { invalidInput, type Problem, SquallError } from "../core/errors.ts";
import { asciiJson, send } from "./answer.ts";
import { parseMockConfig } from "./config.ts";
import { configInWords, faultInWords } from "./config-words.ts";
import { parseFaults } from "./fault-words.ts";
import type { HttpRequest, HttpResponse } from "./http-exchange.ts";
import { sendJournal } from "./journal-answer.ts";
import { mergePatch } from "./merge-patch.ts";
import { limitUses } from "./limit-uses.ts";
import type { Mock } from "./mock.ts";
import { readyMessage } from "./ready-message.ts";
import { readBody } from "./request-body.ts";
import { clockLine, statusSections } from "./status/page.ts";
import { mockStatus } from "./status/status.ts";

export const controlPath = "/_squall/";
export const metricsPath = "/metrics";

/** No command is longer. */
const commandBytesMax = 1024 * 1024;

/** A request to the control API, its body read. */
interface Command {
  readonly mock: Mock;
  /** As the client addresses it, for the URLs in answers. */
  readonly host: string;
  readonly response: HttpResponse;
  readonly query: URLSearchParams;
  readonly body: string;
}

type Handler = (command: Command) => void | Promise<void>;

const handlers: Readonly<Record<string, Readonly<Record<string, Handler>>>> = {
  "/_squall/health": { GET: sayHealth },
  "/_squall/ready": { GET: sayReadiness },
  "/_squall/providers": { GET: sayProviders },
  "/_squall/status": { GET: sayStatus },
  "/_squall/page": { GET: sayPage },
  "/_squall/config": { GET: sayConfig, PATCH: patchConfig },
  "/_squall/faults": { GET: sayFaults, POST: addFaults, DELETE: clearFaults },
  "/_squall/reset": { POST: reset },
  "/_squall/journal": { GET: sayJournal },
  "/_squall/ledger": { GET: sayLedger },
  "/_squall/limits": { GET: sayLimits },
  "/_squall/metrics": { GET: sayMetrics },
  [metricsPath]: { GET: sayMetrics },
};

export function handleControl(
  mock: Mock,
  request: HttpRequest,
  response: HttpResponse,
  path: string,
  query: URLSearchParams,
): void {
  const methods = Object.hasOwn(handlers, path) ? handlers[path] : undefined;
  if (methods === undefined) {
    sayProblem(response, 404, `there is no ${path}; known are ${Object.keys(handlers).join(", ")}`);
    return;
  }
  const method = request.method === "HEAD" ? "GET" : (request.method ?? "GET");
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
  const allowed = Object.keys(methods).join(", ");
  if (handler === undefined) {
    const preflight = method === "OPTIONS";
    response.setHeader("allow", allowed);
    if (preflight) response.writeHead(204).end();
    else sayProblem(response, 405, `${method} is not allowed on ${path}; allowed are ${allowed}`);
    return;
  }
  const host = request.headers[":authority"] ?? request.headers.host;
  readBody(request, commandBytesMax, (body) => {
    if (body === undefined) sayProblem(response, 413, `the body is larger than ${commandBytesMax} bytes`);
    else void run(handler, { mock, response, query, body, host: String(host ?? "") });
  });
}

/** Bad input is told to the sender; anything else is our bug and not caught here. */
async function run(handler: Handler, command: Command): Promise<void> {
  try {
    await handler(command);
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
    sayProblem(command.response, 400, error.message, error.hint, error.problems);
  }
}

function sayHealth({ mock, response }: Command): void {
  const { state } = mock;
  const inFlight = [...state.providers.values()].reduce((sum, { provider }) => sum + provider.inFlight(), 0);
  const status = mock.draining ? "draining" : "ok";
  sayJson(response, 200, { status, scenarioMs: state.clock.nowMs(), timeScale: state.clock.scale, inFlight });
}

/** For probes: what a load balancer wants to know before it sends anything. */
function sayReadiness({ mock, response }: Command): void {
  if (mock.draining) response.setHeader("connection", "close");
  sayJson(response, mock.draining ? 503 : 200, { status: mock.draining ? "draining" : "ready" });
}

function sayProviders({ mock, response, host }: Command): void {
  const { url, providers } = readyMessage(`http://${host}`, mock.state.config);
  sayJson(response, 200, { url, providers });
}

function sayStatus({ mock, response }: Command): void {
  sayJson(response, 200, mockStatus(mock));
}

/** What the page at `/` shows anew every second, as markup. */
function sayPage({ mock, response }: Command): void {
  const status = mockStatus(mock);
  sayJson(response, 200, { clock: clockLine(status), sections: statusSections(status) });
}

function sayConfig({ mock, response }: Command): void {
  sayJson(response, 200, configInWords(mock.state.config));
}

function patchConfig({ mock, response, body }: Command): void {
  const patched = mergePatch(configInWords(mock.state.config), jsonOf(body));
  mock.configure(parseMockConfig(JSON.stringify(patched), "the changed configuration"));
  sayJson(response, 200, configInWords(mock.state.config));
}

function sayFaults({ mock, response }: Command): void {
  sayJson(
    response,
    200,
    mock.state.faults.entries().map(({ id, ...entry }) => ({ id, ...faultInWords(entry) })),
  );
}

function addFaults({ mock, response, body }: Command): void {
  const { clock, faults, config } = mock.state;
  const entries = parseFaults(body, clock.nowMs(), config.providers);
  sayJson(
    response,
    201,
    entries.map((entry) => ({ id: faults.add(entry), ...faultInWords(entry) })),
  );
}

function clearFaults({ mock, response, query }: Command): void {
  const id = query.get("id");
  if (id === null) mock.state.faults.clear();
  else if (!mock.state.faults.remove(Number(id))) {
    sayProblem(response, 404, `there is no fault ${id}; GET /_squall/status shows those on the schedule`);
    return;
  }
  response.writeHead(204).end();
}

function reset({ mock, response, body }: Command): void {
  const asked = body === "" ? {} : jsonOf(body);
  const seed = typeof asked === "object" && asked !== null && "seed" in asked ? asked.seed : mock.state.config.seed;
  if (typeof seed !== "number" || !Number.isSafeInteger(seed) || seed < 0) {
    throw invalidInput(`the seed is ${JSON.stringify(seed)}; allowed is a whole number from 0 on`, {
      code: "seed-invalid",
    });
  }
  mock.reset(seed);
  sayJson(response, 200, { status: "ok", seed });
}

async function sayJournal({ mock, response, query }: Command): Promise<void> {
  const after = Number(query.get("after") ?? 0);
  if (!Number.isSafeInteger(after) || after < 0) {
    throw invalidInput(`after is "${query.get("after")}"; allowed is the number of an entry`, {
      code: "journal-query-invalid",
    });
  }
  await sendJournal(mock.state.journal, response, after);
}

function sayLedger({ mock, response }: Command): void {
  const { clock, providers } = mock.state;
  sayJson(
    response,
    200,
    [...providers.values()].map(({ provider }) => provider.ledger(clock.nowMs())),
  );
}

function sayLimits({ mock, response }: Command): void {
  sayJson(response, 200, limitUses(mock.state));
}

async function sayMetrics({ mock, response }: Command): Promise<void> {
  const body = await mock.metrics.text();
  send(response, { status: 200, headers: ["content-type", mock.metrics.contentType], body, reason: "" });
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw invalidInput("the body is not JSON", { code: "body-not-json", cause });
  }
}

function sayJson(response: HttpResponse, status: number, value: unknown): void {
  send(response, { status, headers: ["content-type", "application/json"], body: `${asciiJson(value)}\n`, reason: "" });
}

function sayProblem(
  response: HttpResponse,
  status: number,
  message: string,
  hint?: string,
  problems: readonly Problem[] = [],
): void {
  sayJson(response, status, { error: { message, hint, problems } });
}
