/**
 * Connection: there is none, for one of the reasons that a client can tell apart.
 *
 * The simulator's clients see each as it is: refused, reset, a name that is not found and a failed handshake at once, or after
 * `wait`; no answer to the handshake after their connect timeout. One HTTP port cannot act all of them out: live, the mock takes
 * the connection, waits as long, and resets it before any byte, which clients count as the same outcome by another reason.
 */
import type { Ms } from "../../core/time.ts";
import type { EffectOf } from "./effect.ts";

/** How long clients wait for a connection: undici's default, which is that of `fetch` in Node (undici docs, ConnectOptions). */
export const connectMs: Ms = 10_000;

export const connectionEffect: EffectOf<"connection"> = ({ how, waitMs }) => ({
  kind: "drop",
  how,
  afterMs: waitMs ?? (how === "timeout" ? connectMs : 0),
});
