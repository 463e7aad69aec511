/**
 * The headers that Google sends ([capture] of generativelanguage.googleapis.com). No request id, and no limits: what is left of
 * them is not told.
 */

export const jsonType = "application/json; charset=UTF-8";
export const eventStreamType = "text/event-stream";

/** Names and values in turn. `tookMs`: since the request came, wall time. */
export function answerHeaders(contentType: string, tookMs: number): readonly string[] {
  return [
    "content-type",
    contentType,
    "vary",
    "Origin, X-Origin, Referer",
    "server",
    "scaffolding on HTTPServer2",
    "x-xss-protection",
    "0",
    "x-frame-options",
    "SAMEORIGIN",
    "x-content-type-options",
    "nosniff",
    "server-timing",
    `gfet4t7; dur=${Math.round(tookMs)}`,
  ];
}
