import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSimplePost } from "../../mock-providers/http1-simple-post.ts";

function bytes(lines: readonly string[], body = ""): Buffer {
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`, "utf8");
}

const line = "POST /openai/v1/chat/completions?x=1 HTTP/1.1";

describe("parseSimplePost", () => {
  it("reads address, headers and body of a whole request", () => {
    const post = parseSimplePost(
      bytes(
        [line, "Host: here", "Authorization:  Bearer a:b ", "Content-Length: 4", "Connection: Keep-Alive", "X-Empty:"],
        "né{",
      ),
    );
    expect(post?.url).toBe("/openai/v1/chat/completions?x=1");
    expect({ ...post?.headers }).toEqual({
      host: "here",
      authorization: "Bearer a:b",
      "content-length": "4",
      connection: "Keep-Alive",
      "x-empty": "",
    });
    expect(post?.body.toString()).toBe("né{");
  });

  it("recognises nothing that is cut short or goes on", () => {
    const whole = bytes([line, "host: here", "content-length: 2"], "{}");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
        expect(parseSimplePost(whole.subarray(0, length))).toBeUndefined();
      }),
      { seed: 1, numRuns: 200 },
    );
    expect(parseSimplePost(Buffer.concat([whole, Buffer.from("P")]))).toBeUndefined();
    expect(parseSimplePost(Buffer.concat([whole, whole]))).toBeUndefined();
    expect(parseSimplePost(whole)).toBeDefined();
  });

  it.each([
    ["another method", ["GET / HTTP/1.1", "host: h", "content-length: 2"]],
    ["another version", ["POST / HTTP/1.0", "host: h", "content-length: 2"]],
    ["an absolute address", ["POST http://h/ HTTP/1.1", "host: h", "content-length: 2"]],
    ["a space in the address", ["POST /a b HTTP/1.1", "host: h", "content-length: 2"]],
    ["no host", [line, "content-length: 2"]],
    ["no length", [line, "host: h"]],
    ["a length with a sign", [line, "host: h", "content-length: +2"]],
    ["two lengths", [line, "host: h", "content-length: 2", "Content-Length: 2"]],
    ["any header twice", [line, "host: h", "content-length: 2", "x: 1", "X: 2"]],
    ["a body in chunks", [line, "host: h", "content-length: 2", "transfer-encoding: chunked"]],
    ["a wish to be asked", [line, "host: h", "content-length: 2", "expect: 100-continue"]],
    ["a wish to change the protocol", [line, "host: h", "content-length: 2", "upgrade: h2c"]],
    ["a connection that ends", [line, "host: h", "content-length: 2", "connection: close"]],
    ["a header that goes on in the next line", [line, "host: h", "content-length: 2", "x: 1", " 2"]],
    ["a space before the colon", [line, "host : h", "content-length: 2"]],
    ["a header without a name", [line, "host: h", "content-length: 2", ": x"]],
    ["a line without a colon", [line, "host: h", "content-length: 2", "x"]],
    ["a line feed alone", [line, "host: h\nx: y", "content-length: 2"]],
    ["a carriage return alone", [line, "host: h\rx: y", "content-length: 2"]],
    ["a zero byte", [line, "host: h\0", "content-length: 2"]],
    ["a letter beyond ASCII", [line, "host: hé", "content-length: 2"]],
    ["an empty line first", ["", line, "host: h", "content-length: 2"]],
  ])("leaves %s to others", (_why, lines) => {
    expect(parseSimplePost(bytes(lines, "{}"))).toBeUndefined();
  });

  it("takes no name for one of JavaScript's own", () => {
    const post = parseSimplePost(bytes([line, "host: h", "content-length: 0", "__proto__: x", "constructor: y"]));
    expect(post?.headers["constructor"]).toBe("y");
    expect(post?.headers["toString"]).toBeUndefined();
  });

  it("reads any bytes in linear time and without an error", () => {
    const spaces = " ".repeat(60_000);
    for (const text of [
      `${line}\r\nhost:${spaces}x${spaces}\r\ncontent-length: 0`,
      `${line}\r\n${"a".repeat(60_000)}`,
    ]) {
      parseSimplePost(Buffer.from(`${text}\r\n\r\n`));
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        parseSimplePost(Buffer.from(noise));
        parseSimplePost(Buffer.concat([Buffer.from(`${line}\r\n`), noise, Buffer.from("\r\n\r\n")]));
      }),
      { seed: 2 },
    );
  });
});
