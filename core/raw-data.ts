/** Reading data of unknown shape without complaint: what is not there, or not of that kind, is undefined or empty. */

export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function field(value: unknown, name: string): unknown {
  return isMapping(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return isMapping(value) ? Object.entries(value) : [];
}

export function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
