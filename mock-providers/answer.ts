/**
 * What a dialect makes of the outcome of one call: the bytes of its wire. When they leave is not its business.
 */
import type { QuotaSnapshot, Refusal, ResponsePlan } from "../behavior/provider.ts";
import type { HttpResponse } from "./http-exchange.ts";

/** A complete HTTP answer. */
export interface HttpAnswer {
  readonly status: number;
  /** Names and values in turn, which node:http copies without a second look. The length of the body is added on sending. */
  readonly headers: readonly string[];
  /** ASCII: a character is a byte. */
  readonly body: string;
  /** Machine-readable reason of a failure for the journal, empty when there is none. */
  readonly reason: string;
}

/** A streamed answer in parts, each the text of one or more events. */
export interface StreamWriter {
  /** `latin1`: a character is a byte, for events that are no text. UTF-8 unless given. */
  readonly encoding?: "latin1";
  readonly headers: readonly string[];
  /** Events before the first content event. */
  readonly head: () => string;
  /** Content events `from` up to, but not including, `to`. */
  readonly content: (from: number, to: number) => string;
  /** Events after the last content event. */
  readonly tail: () => string;
  /** What ends a stream with the error that this status would carry. */
  readonly error: (status: number) => string;
}

/** Made per call by the dialect. Each is asked at the moment its headers leave. */
export interface AnswerWriter {
  readonly refusal: (refusal: Refusal, quota: QuotaSnapshot) => HttpAnswer;
  readonly whole: (plan: ResponsePlan, quota: QuotaSnapshot) => HttpAnswer;
  readonly stream: (plan: ResponsePlan, quota: QuotaSnapshot) => StreamWriter;
}

/** Sends a complete answer: one write. */
export function send(response: HttpResponse, { status, headers, body }: HttpAnswer): void {
  response.writeHead(status, [...headers, "content-length", String(body.length)]);
  response.end(body, "latin1");
}

/** The body of an answer, torn in the middle. */
export function tornBody(answer: HttpAnswer): HttpAnswer {
  return { ...answer, body: answer.body.slice(0, answer.body.length >> 1) };
}

/** Events of which the last is torn: its data ends in the middle, or where there are no lines of data, everything does. */
export function tornEvents(events: string): string {
  const dataStart = events.lastIndexOf(dataField) + dataField.length;
  if (dataStart < dataField.length) return events.slice(0, events.length >> 1);
  const dataEnd = events.indexOf("\n", dataStart);
  return `${events.slice(0, (dataStart + dataEnd) >> 1)}\n\n`;
}

const dataField = "data: ";

/** JSON in ASCII: any other character is escaped. */
export function asciiJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
