/**
 * Reading a request's body, up to a bound. With callbacks: at tens of thousands of requests a second a promise shows.
 *
 * A compressed body (RFC 9110, `content-encoding`) is decompressed, up to the same bound. Anthropic takes such bodies
 * (@anthropic-ai/sdk 1.11.0, RequestBodyEncodingInvalidErrorDetails), as do the front ends of others; which encodings each of them
 * takes was not found, so all that Node knows are taken. What cannot be decompressed is handed on as it came, which is no JSON.
 */
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import type { HttpRequest } from "./http-exchange.ts";

/** Reads the body and calls back once: undefined when it is larger than `maxBytes`, never when the client leaves before its end. */
export function readBody(request: HttpRequest, maxBytes: number, done: (body: string | undefined) => void): void {
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    if (bytes > maxBytes) return;
    bytes += chunk.length;
    if (bytes > maxBytes) done(undefined);
    else if (first === undefined) first = chunk;
    else (rest ??= [first]).push(chunk);
  });
  request.on("end", () => {
    if (bytes > maxBytes) return;
    const whole = rest === undefined ? first : Buffer.concat(rest, bytes);
    const encoding = request.headers["content-encoding"];
    if (whole === undefined) done("");
    else if (encoding === undefined || encoding === "identity") done(whole.toString());
    else decompressed(whole, encoding, maxBytes, done);
  });
}

type Decompress = (
  bytes: Buffer,
  options: { readonly maxOutputLength: number },
  done: (error: NodeJS.ErrnoException | null, whole: Buffer) => void,
) => void;

const decompressions: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", inflate],
  ["br", brotliDecompress],
  ["zstd", zstdDecompress],
]);

function decompressed(
  bytes: Buffer,
  encoding: string,
  maxBytes: number,
  done: (body: string | undefined) => void,
): void {
  const decompress = decompressions.get(encoding.trim().toLowerCase());
  if (decompress === undefined) {
    done(bytes.toString());
    return;
  }
  decompress(bytes, { maxOutputLength: maxBytes }, (error, whole) => {
    if (error === null) done(whole.toString());
    else done(error.code === "ERR_BUFFER_TOO_LARGE" ? undefined : bytes.toString());
  });
}
