/**
 * A tiny OpenAI-shaped upstream whose answers are scripted, one per call in order; when the script runs out it answers
 * well. Kept apart from the mock providers on purpose, so that a gateway test fails only for the gateway.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface UpstreamCall {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: { readonly model: string; readonly stream?: boolean };
}

export interface ScriptedUpstream {
  /** What an OpenAI SDK takes as base URL. */
  readonly baseUrl: string;
  readonly calls: UpstreamCall[];
  readonly close: () => Promise<void>;
}

/** A status to refuse with, `reset` to drop the connection, `hang` never to answer, `ok`. */
export type ScriptedAnswer = number | "reset" | "hang" | "ok";

export const streamedWords: readonly string[] = ["once", " upon", " a", " time"];

export async function scriptedUpstream(script: readonly ScriptedAnswer[] = []): Promise<ScriptedUpstream> {
  const answers = [...script];
  const calls: UpstreamCall[] = [];
  const server = createServer((request, response) => {
    if (request.method !== "POST") return void response.writeHead(404).end();
    void readBody(request).then((text) => {
      const body: UpstreamCall["body"] = JSON.parse(text);
      calls.push({ path: request.url ?? "", authorization: request.headers.authorization, body });
      answer(answers.shift(), body.stream === true, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(scripted: ScriptedAnswer | undefined, stream: boolean, response: ServerResponse): void {
  if (scripted === "reset") response.socket?.destroy();
  else if (scripted === "hang") return;
  else if (typeof scripted === "number") {
    response.writeHead(scripted, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { message: `scripted ${scripted}`, type: "scripted", code: null } }));
  } else if (stream) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const content of streamedWords) response.write(event({ delta: { content }, finish_reason: null }));
    response.write(event({ delta: {}, finish_reason: "stop" }));
    response.end("data: [DONE]\n\n");
  } else {
    response.writeHead(200, { "content-type": "application/json" });
    const message = { role: "assistant", content: streamedWords.join("") };
    response.end(JSON.stringify(completion("chat.completion", { message, finish_reason: "stop" })));
  }
}

function event(choice: object): string {
  return `data: ${JSON.stringify(completion("chat.completion.chunk", choice))}\n\n`;
}

function completion(object: string, choice: object): object {
  const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
  return { id: "chatcmpl-1", object, created: 1, model: "gpt-4o-mini", choices: [{ index: 0, ...choice }], usage };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
  return text;
}
