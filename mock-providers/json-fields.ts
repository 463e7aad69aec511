/** Reading JSON that a client wrote: nothing about it is known. */

/** A JSON object as it came. */
export type Fields = Readonly<Record<string, unknown>>;

/** The object that a body holds; undefined when it is not JSON or not an object. */
export function parseObject(body: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}
