/** `GET /_squall/journal`: entries as NDJSON, in blocks, so that a full journal is neither one string nor a stalled stream. */
import type { HttpResponse } from "./http-exchange.ts";
import type { Journal } from "./journal.ts";

/** Entries per block, about 0.4 ms of serialising. */
const entriesPerBlock = 256;

/** `after`: number of the last entry that the reader has. The headers say where the journal begins and ends. */
export async function sendJournal(journal: Journal, response: HttpResponse, after: number): Promise<void> {
  const last = journal.lastSeq;
  response.writeHead(200, [
    "content-type",
    "application/x-ndjson",
    "x-squall-first-seq",
    String(journal.firstSeq),
    "x-squall-last-seq",
    String(last),
  ]);
  for (let seen = after; seen < last && !response.destroyed;) {
    const entries = journal.read(seen, Math.min(entriesPerBlock, last - Math.max(seen, journal.firstSeq - 1)));
    seen = entries.at(-1)?.seq ?? last;
    const roomLeft = response.write(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""), "utf8");
    if (!roomLeft) await moved(response);
    else await new Promise((resolve) => setImmediate(resolve)); // streams have their times to keep
  }
  response.end();
}

/** The reader has caught up, or left. */
function moved(response: HttpResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once("drain", resolve);
    response.once("close", resolve);
  });
}
