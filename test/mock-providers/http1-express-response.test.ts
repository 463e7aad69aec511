import { PassThrough } from "node:stream";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { ExpressResponse } from "../../mock-providers/http1-express-response.ts";
import { Outbox } from "../../mock-providers/http1-outbox.ts";

interface Answered {
  readonly response: ExpressResponse;
  /** What was written, without the headers that every answer has. */
  readonly text: () => string;
  readonly writes: () => number;
  readonly ends: () => number;
}

function answer(): Answered {
  const socket = new PassThrough();
  const written: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => written.push(chunk));
  let ends = 0;
  // As much of a socket as a response uses.
  const options = { outbox: new Outbox(), keepAliveMs: 75_000, onAnswered: () => ends++ };
  const response = new ExpressResponse(socket as unknown as Socket, false, options);
  return {
    response,
    text: () =>
      Buffer.concat(written)
        .toString()
        .replace(/date: .*\r\n/, "")
        .replace("connection: keep-alive\r\nkeep-alive: timeout=75\r\n", ""),
    writes: () => written.length,
    ends: () => ends,
  };
}

const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("ExpressResponse", () => {
  it("sends an answer of known length in one write, at the end of the turn", async () => {
    const { response, text, writes, ends } = answer();
    response.setHeader("x-set", "1");
    response.writeHead(404, ["content-length", "2", "x-given", "2"]).end("{}", "latin1");
    expect([writes(), ends(), response.destroyed]).toEqual([0, 0, true]);
    await endOfTurn();
    expect(text()).toBe("HTTP/1.1 404 Not Found\r\nx-set: 1\r\ncontent-length: 2\r\nx-given: 2\r\n\r\n{}");
    expect([writes(), ends(), response.destroyed]).toEqual([1, 1, true]);
  });

  it("sends a stream in chunks, each call one write, and ends it once", async () => {
    const { response, text, writes, ends } = answer();
    response.writeHead(200);
    response.write("0123456789abcdef!", "latin1");
    response.write("é", "utf8");
    response.end();
    response.end("late");
    await endOfTurn();
    expect(text()).toBe(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n11\r\n0123456789abcdef!\r\n2\r\né\r\n0\r\n\r\n",
    );
    expect([writes(), ends()]).toEqual([3, 1]);
  });

  it("never takes nothing for the end of a stream", async () => {
    const { response, text } = answer();
    response.writeHead(200);
    response.write("", "latin1");
    response.end("x", "latin1");
    await endOfTurn();
    expect(text().split("\r\n\r\n").slice(1)).toEqual(["1\r\nx\r\n0", ""]);
  });

  it("sends its head early when told to, and no body where none may be", async () => {
    const early = answer();
    early.response.writeHead(200).flushHeaders();
    expect(early.text()).toBe("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    const empty = answer();
    empty.response.writeHead(204).end();
    await endOfTurn();
    expect(empty.text()).toBe("HTTP/1.1 204 No Content\r\n\r\n");
  });
});
