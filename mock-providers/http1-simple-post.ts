/**
 * Recognising the simplest request there is: a POST of known length, whole, and nothing behind it.
 *
 * Anything that RFC 9112 allows beyond it, or forbids, is not recognised; that is no verdict on it.
 */
import type { IncomingHttpHeaders } from "node:http";

export interface SimplePost {
  readonly url: string;
  /** Names in lower case, each once. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const requestLine = /^POST (\/[\x21-\x7e]*) HTTP\/1\.1$/;

/** Lines of visible ASCII, spaces and tabs, ended by CR LF. */
const plainLines = /^(?:[\t\x20-\x7e]|\r\n)*$/;

/** RFC 9110 section 5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Up to 99,999,999 bytes; what is larger than a read is not recognised anyway. */
const bodyLength = /^\d{1,8}$/;

/** Headers that change what a request is or how it ends. */
const changing: readonly string[] = ["transfer-encoding", "expect", "upgrade", "trailer"];

/** Undefined for anything else. */
export function parseSimplePost(bytes: Buffer): SimplePost | undefined {
  const headLength = bytes.indexOf("\r\n\r\n");
  if (headLength === -1) return undefined;
  const head = bytes.toString("latin1", 0, headLength);
  if (!plainLines.test(head)) return undefined;
  const firstLineLength = head.indexOf("\r\n");
  if (firstLineLength === -1) return undefined;
  const url = requestLine.exec(head.slice(0, firstLineLength))?.[1];
  const headers = url === undefined ? undefined : readHeaders(head, firstLineLength + 2);
  if (url === undefined || headers === undefined || !isSimple(headers)) return undefined;
  const body = bytes.subarray(headLength + 4);
  return body.length === Number(headers["content-length"]) ? { url, headers, body } : undefined;
}

/** Undefined when one is there twice, has no name, or goes on in the next line. */
function readHeaders(head: string, start: number): IncomingHttpHeaders | undefined {
  const headers: IncomingHttpHeaders = Object.create(null);
  for (let from = start; from < head.length;) {
    const lineEnd = head.indexOf("\r\n", from);
    const end = lineEnd === -1 ? head.length : lineEnd;
    const colon = head.indexOf(":", from);
    if (colon === -1 || colon > end) return undefined;
    const name = head.slice(from, colon).toLowerCase();
    if (!token.test(name) || name in headers) return undefined;
    headers[name] = head.slice(colon + 1, end).trim();
    from = end + 2;
  }
  return headers;
}

function isSimple(headers: IncomingHttpHeaders): boolean {
  const { connection, host } = headers;
  if (host === undefined || !bodyLength.test(headers["content-length"] ?? "")) return false;
  if (connection !== undefined && connection.toLowerCase() !== "keep-alive") return false;
  return !changing.some((name) => name in headers);
}
