/**
 * The journal: one RequestRecord per call that asked a provider for something, as the provider saw it.
 *
 * `intendedMs` and `sentMs` are its arrival, `firstTokenMs` and `endMs` what left the provider, `upstreamCalls` is the attempt
 * number of this very call. An entry is written before the last byte of its answer leaves, so whoever holds an answer finds
 * it here. A ring of fixed size: readers that ask often enough see everything, memory stays flat.
 */
import type { RequestRecord } from "../core/record.ts";
import type { TokensBy } from "./tokenizer.ts";

/** A record, and what only the mock knows of it. */
export interface JournalRecord extends RequestRecord {
  readonly tokensBy: TokensBy;
}

/** A record with its place in the journal, counted from 1. */
export interface JournalEntry extends JournalRecord {
  readonly seq: number;
}

/** Entries kept, about 60 MB when full. */
export const journalCapacity = 200_000;

export class Journal {
  readonly #capacity: number;
  readonly #ring: JournalRecord[] = [];
  #written = 0;

  constructor(capacity: number = journalCapacity) {
    this.#capacity = capacity;
  }

  /** Number of the newest entry; 0 when there is none. */
  get lastSeq(): number {
    return this.#written;
  }

  /** Number of the oldest entry still held; `lastSeq + 1` when there is none. */
  get firstSeq(): number {
    return this.#written - this.#ring.length + 1;
  }

  write(record: JournalRecord): void {
    this.#ring[this.#written % this.#capacity] = record;
    this.#written++;
  }

  /** Up to `limit` entries after number `after`, oldest first. Entries that the ring has lost are skipped. */
  read(after: number, limit: number): readonly JournalEntry[] {
    const from = Math.max(after + 1, this.firstSeq);
    const to = Math.min(this.#written, from + limit - 1);
    const entries: JournalEntry[] = [];
    for (let seq = from; seq <= to; seq++) {
      const record = this.#ring[(seq - 1) % this.#capacity];
      if (record !== undefined) entries.push({ seq, ...record });
    }
    return entries;
  }
}
