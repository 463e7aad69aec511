/** Reading a request's body, up to a bound. With callbacks: at tens of thousands of requests a second a promise shows. */
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
    done(whole === undefined ? "" : whole.toString());
  });
}
