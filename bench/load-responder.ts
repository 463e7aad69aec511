/**
 * The bare responder of `load-rate.ts`, in a process of its own: answers every request with bytes made once.
 *
 * No HTTP parser, because it has to be faster than the generator it is to measure. It reads `content-length`, waits for
 * that many bytes, and answers; a path that ends in `/stream` gets server-sent events. Prints its port.
 */
import { createServer, type Socket } from "node:net";

const tokens = Number(process.argv[2] ?? 32);

const usage = { prompt_tokens: 100, completion_tokens: tokens, total_tokens: 100 + tokens };
const completion = JSON.stringify({
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1_795_200_000,
  model: "bench",
  choices: [{ index: 0, message: { role: "assistant", content: "word ".repeat(tokens) }, finish_reason: "stop" }],
  usage,
});
const whole = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${completion.length}\r\n\r\n${completion}`,
);

const streamHead = Buffer.from(
  "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n",
);
const streamEvents = [
  event({ role: "assistant", content: "" }, null),
  ...Array.from({ length: tokens }, () => event({ content: " word" }, null)),
  event({}, "stop"),
  httpChunk(
    `data: ${JSON.stringify({ id: "chatcmpl-bench", object: "chat.completion.chunk", choices: [], usage })}\n\n`,
  ),
  Buffer.concat([httpChunk("data: [DONE]\n\n"), Buffer.from("0\r\n\r\n")]),
];

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  let received = Buffer.alloc(0);
  socket.on("data", (bytes) => {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
    const bodyStart = received.indexOf("\r\n\r\n") + 4;
    if (bodyStart < 4) return;
    const head = received.toString("latin1", 0, bodyStart);
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    if (received.length < bodyStart + Number(length ?? 0)) return;
    received = Buffer.alloc(0);
    answer(socket, head.startsWith("POST /stream"));
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(typeof address === "object" ? address?.port : address);
});
process.once("disconnect", () => process.exit());

/** One write per event, as providers flush them. */
function answer(socket: Socket, stream: boolean): void {
  if (!stream) return void socket.write(whole);
  socket.write(streamHead);
  for (const bytes of streamEvents) socket.write(bytes);
}

function event(delta: object, finishReason: string | null): Buffer {
  const chunk = {
    id: "chatcmpl-bench",
    object: "chat.completion.chunk",
    created: 1_795_200_000,
    model: "bench",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    usage: null,
  };
  return httpChunk(`data: ${JSON.stringify(chunk)}\n\n`);
}

function httpChunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}
