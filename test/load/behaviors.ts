/** Everything that the target of a load test may do wrong, and some things that it does right. The name is the path. */
import { eventBytesMax } from "../../load/native/event-stream.ts";
import {
  type Behavior,
  beginStream,
  contentEvent,
  doneEvent,
  finishEvent,
  wholeCompletion,
  wholeStream,
  writeInPieces,
} from "./scripted-server.ts";

const piecesOfStream = 40;
const rawStreamHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n";

export const behaviors: Readonly<Record<string, Behavior>> = {
  stream: (response) => beginStream(response).end(wholeStream),
  whole: (response) => response.writeHead(200, { "content-type": "application/json" }).end(wholeCompletion),
  crlf: (response) => beginStream(response).end(wholeStream.replaceAll("\n", "\r\n")),
  bytewise: (response) => {
    const bytes = Buffer.from(wholeStream);
    const size = Math.ceil(bytes.length / piecesOfStream);
    const pieces = Array.from({ length: piecesOfStream }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    writeInPieces(beginStream(response), pieces, () => response.end());
  },
  informed: (response) => {
    response.writeEarlyHints({ link: "</style.css>; rel=preload" });
    beginStream(response).end(wholeStream);
  },
  "informed-and-reset": (response) => {
    response.writeEarlyHints({ link: "</style.css>; rel=preload" }, () => response.socket?.resetAndDestroy());
  },
  closing: (response) =>
    response.writeHead(200, { "content-type": "application/json", connection: "close" }).end(wholeCompletion),
  "cut-in-order": (response) => beginStream(response).end(contentEvent("Hel")),
  "cut-by-reset": (response) => {
    beginStream(response).write(contentEvent("Hel"), () => setImmediate(() => response.socket?.resetAndDestroy()));
  },
  "cut-by-close": (response) => {
    beginStream(response).write(contentEvent("Hel") + finishEvent, () => setImmediate(() => response.socket?.end()));
  },
  "done-without-finish": (response) => beginStream(response).end(contentEvent("Hel") + doneEvent),
  "error-event": (response) => {
    beginStream(response).end(`${contentEvent("Hel")}data: {"error":{"code":"server_is_overloaded"}}\n\n`);
  },
  "error-event-and-silence": (response) => {
    beginStream(response).write('data: {"error":{"type":"server_error"}}\n\n');
  },
  "torn-event": (response) => beginStream(response).end('data: {"choices":[\n\n'),
  "endless-line": (response) => beginStream(response).end(`data: ${"x".repeat(eventBytesMax + 1)}`),
  json: (response) => response.writeHead(200, { "content-type": "application/json" }).end(wholeCompletion),
  "rate-limit": (response) => {
    response
      .writeHead(429, { "content-type": "application/json" })
      .end('{"error":{"code":"rate_limit_exceeded","type":"tokens"}}');
  },
  page: (response) => response.writeHead(500, { "content-type": "text/html" }).end("<h1>Internal Server Error</h1>"),
  reset: (response) => response.socket?.resetAndDestroy(),
  close: (response) => response.socket?.end(),
  "cut-by-last-close": (response) => response.socket?.end(`${rawStreamHead}connection: close\r\n\r\n5\r\ndata:\r\n`),
  "torn-head": (response) => response.socket?.end("HTTP/1.1 200 OK\r\nx-request"),
  "torn-framing": (response) => response.socket?.end(`${rawStreamHead}\r\nno length\r\n`),
  "endless-head": (response) => response.socket?.end(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(40_000)}\r\n\r\n`),
  garbage: (response) => response.socket?.end("SSH-2.0-OpenSSH_9.2\r\n"),
  "cut-body": (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "500" });
    response.write(wholeCompletion, () => response.socket?.end());
  },
  "cut-last-body": (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "500", connection: "close" });
    response.write(wholeCompletion, () => response.socket?.end());
  },
  silence: () => undefined,
  "silence-after-token": (response) => beginStream(response).write(contentEvent("Hel")),
};
