/**
 * What a program of Squall leaves behind: metrics of k6, for its own summary, thresholds and outputs, and, when Squall asks
 * for them (`SQUALL_LINES=on`), one line per request that leaves and one per request that has ended.
 */
import { Counter, Rate, Trend } from "k6/metrics";
import { k6LineMark, type K6Line, type K6Record } from "../../core/k6-plan.ts";

/**
 * Milliseconds of scenario time from the instant at which the plan wanted the request sent, of answered requests. What k6
 * sees of the first token is the first byte of the answer: never later, and the same where a gateway sends its headers with it.
 */
const ttft = new Trend("squall_ttft", true);
const e2e = new Trend("squall_e2e", true);
/** How late requests left: how true to its schedule k6 was. */
const lateness = new Trend("squall_lateness", true);
const errors = new Rate("squall_errors");
const rateLimited = new Rate("squall_rate_limited");
const requests = new Counter("squall_requests");
const tokensIn = new Counter("squall_tokens_in");
const tokensOut = new Counter("squall_tokens_out");

export function measure(record: K6Record): void {
  const { phase, tenant, model, outcome, intendedMs, sentMs, firstTokenMs, endMs } = record;
  const tags = { phase, tenant, model, outcome };
  if (outcome === "ok") {
    if (firstTokenMs !== null) ttft.add(firstTokenMs - intendedMs, tags);
    e2e.add(endMs - intendedMs, tags);
  }
  lateness.add(Math.max(0, sentMs - intendedMs), tags);
  if (outcome !== "aborted") errors.add(outcome !== "ok", tags); // who leaves on purpose has no error
  rateLimited.add(outcome === "rate-limited", tags);
  requests.add(1, tags);
  tokensIn.add(record.inputTokens, tags);
  tokensOut.add(record.outputTokens, tags);
}

/** k6 has a console, of which its types say nothing. */
declare const console: { readonly log: (message: string) => void };

const lines = __ENV["SQUALL_LINES"] === "on";

/** k6 writes each message whole, whichever of its users said it. */
export function say(line: K6Line): void {
  if (lines) console.log(k6LineMark + JSON.stringify(line));
}
