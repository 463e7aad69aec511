/**
 * A cache of answers in front of a fleet, for gateways that keep none of their own: run as `node server.ts SETTINGS`, a process of its
 * own, so that it slows neither the load engine nor the gateway.
 *
 * A mock's clients ask questions that differ in their marker; which of them ask the same thing is drawn by request as in a simulation
 * (`behavior/routing/questions.ts`), so that both find the same answers kept. Only whole answers that ended by themselves are kept.
 */
import { Agent, createServer, type IncomingMessage, request as requestOf, type ServerResponse } from "node:http";
import { parseMarker } from "../../behavior/marker.ts";
import { type Question, questionsOf } from "../../behavior/routing/questions.ts";
import { ResponseCache } from "../../behavior/routing/response-cache.ts";
import { randomStream } from "../../core/random.ts";
import { loopback } from "../child/loopback-port.ts";
import { modelHeader } from "../haproxy/config.ts";
import { modelOfRoute } from "../routes.ts";
import { type AnswerCacheSettings, cachePath } from "./settings.ts";

/** An answer that was kept says here whether it was given to the same words (`cache`) or to similar ones (`similar`). */
const answeredFromHeader = "x-squall-answered-from";

interface KeptBytes {
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** A larger question is passed on unread, a larger answer is not kept. */
const questionBytesMax = 8 * 1024 * 1024;
const answerBytesMax = 1024 * 1024;

class AnswerCache {
  readonly #target: { readonly host: string; readonly port: number; readonly agent: Agent };
  readonly #kept: ResponseCache<KeptBytes>;
  readonly #questionOf: (request: { readonly key: string; readonly model: string }) => Question;
  readonly #nowMs: () => number;
  /** For questions that mean the same as something that was asked. */
  #latest: KeptBytes | undefined;

  constructor({ targetPort, cache, seed, timeScale }: AnswerCacheSettings) {
    this.#target = { host: loopback, port: targetPort, agent: new Agent({ keepAlive: true }) };
    this.#kept = new ResponseCache(cache);
    this.#questionOf = questionsOf(cache, randomStream(seed).split("gateway"));
    this.#nowMs = () => performance.now() * timeScale;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === cachePath) return this.#control(request, response);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => this.#answer(request, Buffer.concat(chunks), response));
  }

  #control(request: IncomingMessage, response: ServerResponse): void {
    const answers = this.#kept.size;
    if (request.method === "DELETE") {
      this.#kept.clear();
      this.#latest = undefined;
    }
    response.setHeader("content-type", "application/json").end(JSON.stringify({ answers }));
  }

  #answer(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const question = this.#questionIn(request, body);
    if (question === undefined) return this.#ask(request, body, response, undefined);
    const same = this.#kept.lookup(this.#nowMs(), question.text);
    const kept = same ?? (question.alike ? this.#latest : undefined);
    if (kept === undefined) return this.#ask(request, body, response, question.text);
    const from = same === undefined ? "similar" : "cache";
    response.writeHead(200, { "content-type": kept.contentType, [answeredFromHeader]: from }).end(kept.bytes);
  }

  /** undefined: a request that no workload has planned. */
  #questionIn(request: IncomingMessage, body: Buffer): Question | undefined {
    if (body.length > questionBytesMax) return undefined;
    const text = body.toString("latin1");
    const marker = parseMarker(text.slice(Math.max(0, text.indexOf("[sq "))));
    const model = modelOfRoute(String(request.headers[modelHeader])); // routes that its traffic is dealt to share its answers
    return marker === undefined ? undefined : this.#questionOf({ key: marker.key, model });
  }

  #ask(request: IncomingMessage, body: Buffer, response: ServerResponse, question: string | undefined): void {
    const { method, url: path, headers } = request;
    const passed = { ...headers, "content-length": String(body.length) };
    delete passed["transfer-encoding"];
    const upstream = requestOf({ ...this.#target, method, path, headers: passed }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      const keeps = question !== undefined && answer.statusCode === 200;
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (keeps && bytes <= answerBytesMax) chunks.push(chunk);
      });
      answer.pipe(response);
      answer.once("end", () => {
        if (!keeps || bytes > answerBytesMax) return;
        this.#keep(question, { contentType: String(answer.headers["content-type"]), bytes: Buffer.concat(chunks) });
      });
      answer.once("error", () => response.destroy());
    });
    upstream.once("error", () => response.destroy());
    response.once("close", () => upstream.destroy());
    upstream.end(body);
  }

  #keep(question: string, answer: KeptBytes): void {
    if (!/"finish_reason":\s*"stop"/.test(answer.bytes.toString("latin1"))) return;
    this.#kept.store(this.#nowMs(), question, answer);
    this.#latest = answer;
  }
}

const [, , given] = process.argv;
if (given !== undefined) {
  const settings = JSON.parse(given) as AnswerCacheSettings;
  const cache = new AnswerCache(settings);
  createServer((request, response) => cache.handle(request, response)).listen(settings.port, loopback);
}
