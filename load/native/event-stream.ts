/**
 * Server-sent events, read as they come (WHATWG HTML, section 9.2.6 "Interpreting an event stream").
 *
 * Bytes may be split anywhere, in the middle of a character or between CR and LF: a line is decoded only when it is whole.
 * One thing differs from the standard: an event that the end of the stream leaves without its blank line is handed over
 * all the same, as the OpenAI and Anthropic SDKs do.
 */

/** `data` lines joined by line feeds; `name` is the `event` field, empty when there was none. */
export type EventSink = (data: string, name: string) => void;

/** A line (and the data of one event) may have this many bytes: far more than any provider sends in one event. */
export const eventBytesMax = 1_048_576;

const lineFeed = 10;
const carriageReturn = 13;
const byteOrderMark = "\uFEFF";

export class EventStreamReader {
  readonly #sink: EventSink;
  /** The beginning of a line whose end has not come yet. */
  #pieces: Buffer[] = [];
  #piecesBytes = 0;
  /** The last line ended with CR: a LF that follows directly belongs to it. */
  #afterCarriageReturn = false;
  #firstLine = true;
  #data: string | undefined;
  #name = "";

  constructor(sink: EventSink) {
    this.#sink = sink;
  }

  /** Takes the next bytes. False when an event is larger than `eventBytesMax`: the stream cannot be read on. */
  push(bytes: Buffer): boolean {
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte !== lineFeed && byte !== carriageReturn) continue;
      const endsPair = byte === lineFeed && this.#afterCarriageReturn && at === start && this.#piecesBytes === 0;
      if (!endsPair && !this.#line(bytes, start, at)) return false;
      this.#afterCarriageReturn = byte === carriageReturn;
      start = at + 1;
    }
    if (start < bytes.length) {
      this.#pieces.push(start === 0 ? bytes : bytes.subarray(start));
      this.#piecesBytes += bytes.length - start;
    }
    return this.#piecesBytes <= eventBytesMax;
  }

  /** The stream has ended. */
  end(): void {
    if (this.#piecesBytes > 0) this.#line(Buffer.alloc(0), 0, 0);
    this.#dispatch();
  }

  #line(bytes: Buffer, start: number, end: number): boolean {
    let line: string;
    if (this.#piecesBytes === 0) {
      line = bytes.toString("utf8", start, end);
    } else {
      line = Buffer.concat([...this.#pieces, bytes.subarray(start, end)]).toString("utf8");
      this.#pieces = [];
      this.#piecesBytes = 0;
    }
    if (this.#firstLine && line.startsWith(byteOrderMark)) line = line.slice(1);
    this.#firstLine = false;
    if (line === "") this.#dispatch();
    else this.#field(line);
    return (this.#data?.length ?? 0) <= eventBytesMax;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    if (name !== "data" && name !== "event") return; // a comment (no name), or id and retry, which are for browsers
    const valueStart = line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1;
    const value = colon === -1 ? "" : line.slice(valueStart);
    if (name === "event") this.#name = value;
    else this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
  }

  #dispatch(): void {
    const data = this.#data;
    const name = this.#name;
    this.#data = undefined;
    this.#name = "";
    if (data !== undefined) this.#sink(data, name);
  }
}
