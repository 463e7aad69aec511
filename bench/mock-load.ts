/**
 * The load of `mock-throughput.ts`, in a process of its own: connections that each send a completion request, wait for the
 * whole answer and send the next. On plain sockets, so that a client library is not what is measured.
 */
import { connect, type Socket } from "node:net";

export interface LoadOrder {
  readonly port: number;
  /** Of the chat completions: `/openai/v1/chat/completions`. */
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadReport {
  readonly answered: number;
  /** Answers that were not 200. */
  readonly failed: number;
  readonly wallMs: number;
}

/** A prompt of 400 tokens and an answer of 64: about 1.7 kB there and 1 kB back. */
const promptTokens = 400;
const answerTokens = 64;

/** Keys of one width, so that every request has the same length. */
const keyWidth = 9;
let beforeKey = "";
let afterKey = "";
let sent = 0;

function requestText(path: string): string {
  const marker = `[sq l ${"k".repeat(keyWidth)} in=${promptTokens} cached=0 out=${answerTokens}] `;
  const content = marker + "word".repeat(promptTokens);
  const body = JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content }] });
  const head = [
    `POST ${path} HTTP/1.1`,
    "host: 127.0.0.1",
    "authorization: Bearer sk-squall-openai",
    "content-type: application/json",
    `content-length: ${body.length}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`.replace("k".repeat(keyWidth), "KEY");
}

function nextRequest(): string {
  sent++;
  return beforeKey + String(sent).padStart(keyWidth, "0") + afterKey;
}

/** Sends request after request on one connection until told to stop; answers arrive in one or more parts. */
function keepAsking(
  socket: Socket,
  running: () => boolean,
  onAnswer: (status: string) => void,
  done: () => void,
): void {
  let text = "";
  let expected = -1;
  socket.setNoDelay(true);
  socket.setEncoding("latin1");
  socket.on("data", (part: string) => {
    text += part;
    if (expected === -1) {
      const end = text.indexOf("\r\n\r\n");
      if (end === -1) return;
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      // Without a length it comes in chunks, of which the last is empty.
      expected = length === undefined ? 0 : end + 4 + Number(length);
    }
    if (expected === 0 ? !text.endsWith("\r\n0\r\n\r\n") : text.length < expected) return;
    onAnswer(text.slice(9, 12));
    text = "";
    expected = -1;
    if (running()) socket.write(nextRequest(), "latin1");
    else socket.end(done);
  });
  socket.write(nextRequest(), "latin1");
}

async function load({ port, path, connections, seconds }: LoadOrder): Promise<LoadReport> {
  [beforeKey = "", afterKey = ""] = requestText(path).split("KEY");
  let answered = 0;
  let failed = 0;
  const beganMs = performance.now();
  const running = (): boolean => performance.now() - beganMs < seconds * 1e3;
  const onAnswer = (status: string): void => {
    if (status === "200") answered++;
    else failed++;
  };
  const all = Array.from(
    { length: connections },
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(port, "127.0.0.1", () => keepAsking(socket, running, onAnswer, resolve));
        socket.on("error", reject);
      }),
  );
  await Promise.all(all);
  return { answered, failed, wallMs: performance.now() - beganMs };
}

process.on("message", (order: LoadOrder) => {
  void load(order).then((report) => process.send?.(report));
});
