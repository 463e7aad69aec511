/**
 * Programmer errors: things that cannot happen unless Squall itself is wrong.
 *
 * They crash the run with exit code 1 ("our bug"). What a user can cause is a `SquallError` instead.
 */

/** A broken promise inside Squall. Never thrown for bad input. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws `InvariantError` unless `condition` holds. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Ends an exhaustive `switch`: reaching it at run time means a union grew and this switch did not. */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected value: ${JSON.stringify(value)}`);
}
