/**
 * Reads a foreign document field by field, and remembers what nobody asked for.
 *
 * A scaling config of another tool carries fields that we do not model. None may vanish in silence: whatever was not read
 * when a part is done becomes a note, and whatever is wrong becomes a problem with its path.
 */
import type { Problem } from "../../../core/errors.ts";
import { type Ms, parseDuration, secondMs } from "../../../core/time.ts";

export interface Report {
  readonly problems: Problem[];
  /** What the document says and we do not model, or what we had to take it to mean. */
  readonly notes: string[];
}

export class FieldReader {
  readonly path: string;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #report: Report;
  readonly #read = new Set<string>();

  constructor(value: unknown, path: string, report: Report) {
    this.path = path;
    this.#report = report;
    this.#fields = isRecord(value) ? value : {};
    if (!isRecord(value)) report.problems.push({ path, message: `must be a mapping, is ${inWords(value)}` });
  }

  has(key: string): boolean {
    return this.#fields[key] !== undefined && this.#fields[key] !== null;
  }

  /** A number, or a text that is one (KEDA and Azure quote theirs). */
  number(key: string, atLeast: number = Number.NEGATIVE_INFINITY): number | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number === "number" && Number.isFinite(number) && number >= atLeast) return number;
    const allowed = atLeast === Number.NEGATIVE_INFINITY ? "a number" : `a number of at least ${atLeast}`;
    return this.#wrong(key, allowed, value);
  }

  requiredNumber(key: string, atLeast?: number): number {
    if (!this.has(key)) this.missing(key, "a number");
    return this.number(key, atLeast) ?? atLeast ?? 0;
  }

  /** A text that `read` understands; the answer is what it makes of it. */
  parsed<T>(key: string, allowed: string, read: (text: string) => T | undefined): T | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    const made = typeof value === "string" || typeof value === "number" ? read(String(value)) : undefined;
    return made ?? this.#wrong(key, allowed, value);
  }

  text(key: string): string | undefined {
    return this.parsed(key, "a text", (text) => text);
  }

  requiredText(key: string): string {
    if (!this.has(key)) this.missing(key, "a text");
    return this.text(key) ?? "";
  }

  oneOf<const T extends string>(key: string, allowed: readonly T[]): T | undefined {
    return this.parsed(key, `one of ${allowed.join(", ")}`, (text) => allowed.find((one) => one === text));
  }

  boolean(key: string): boolean | undefined {
    const value = this.#take(key);
    if (value === undefined || typeof value === "boolean") return value;
    return value === "true" || value === "false" ? value === "true" : this.#wrong(key, "true or false", value);
  }

  /** Seconds as a number, or a duration as people write it (`60s`, `5m`). */
  duration(key: string): Ms | undefined {
    return this.parsed(key, "seconds, or a duration such as 5m", (text) => {
      const seconds = Number(text);
      return Number.isFinite(seconds) && seconds >= 0 ? seconds * secondMs : parseDuration(text);
    });
  }

  part(key: string): FieldReader | undefined {
    const value = this.#take(key);
    return value === undefined ? undefined : new FieldReader(value, this.#at(key), this.#report);
  }

  requiredPart(key: string): FieldReader {
    if (!this.has(key)) this.missing(key, "a mapping");
    return this.part(key) ?? new FieldReader({}, this.#at(key), this.#report);
  }

  list(key: string): readonly FieldReader[] {
    const value = this.#take(key);
    if (value === undefined) return [];
    if (!Array.isArray(value)) return this.#wrong(key, "a list", value) ?? [];
    return value.map((item, index) => new FieldReader(item, `${this.#at(key)}[${index}]`, this.#report));
  }

  /** A list of texts; whatever else is in it is a problem. */
  texts(key: string): readonly string[] {
    const value = this.#take(key);
    if (value === undefined) return [];
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
    return this.#wrong(key, "a list of texts", value) ?? [];
  }

  missing(key: string, allowed: string): void {
    this.#report.problems.push({ path: this.#at(key), message: `is missing; allowed is ${allowed}` });
  }

  problem(key: string, message: string, hint?: string): void {
    this.#report.problems.push({ path: this.#at(key), message, ...(hint === undefined ? {} : { hint }) });
  }

  note(message: string): void {
    this.#report.notes.push(message);
  }

  /** Fields that say nothing about scaling: names, labels, status. */
  ignore(...keys: readonly string[]): this {
    for (const key of keys) this.#read.add(key);
    return this;
  }

  /** Everything not read by now is said. */
  done(): void {
    for (const key of Object.keys(this.#fields)) {
      if (!this.#read.has(key)) this.note(`${this.#at(key)} is not modelled`);
    }
  }

  #take(key: string): unknown {
    this.#read.add(key);
    return this.#fields[key] ?? undefined;
  }

  #at(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  #wrong(key: string, allowed: string, given: unknown): undefined {
    this.#report.problems.push({ path: this.#at(key), message: `must be ${allowed}, is ${inWords(given)}` });
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function inWords(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
