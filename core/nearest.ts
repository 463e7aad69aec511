/** The hint that goes with a name that nobody knows. */
import { closest, distance } from "fastest-levenshtein";

/** `did you mean portkey?`, if one of the known names is close: a slip of the keyboard, or the beginning of one of them. */
export function nearest(name: string, known: readonly string[]): { readonly hint?: string } {
  if (known.length === 0) return {};
  const candidate = closest(name, known);
  const near = distance(name, candidate) <= Math.max(2, Math.floor(name.length / 3));
  return near || candidate.startsWith(name) ? { hint: `did you mean ${candidate}?` } : {};
}
