/**
 * Who may do what on the server: a random key for each seat, in the address that the terminal prints.
 *
 * Other pages in the same browser can send requests here, and a name of theirs can be made to mean this machine (DNS rebinding). So
 * the `Host` has to be an address or a name of this machine, and whatever changes anything has to come from a page of ours.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Seat } from "../../web/console/game-day.ts";

export type Keys = Readonly<Record<Seat, string>>;

/** 144 bits: nobody guesses one in the life of a server. */
const keyBytes = 18;

export function freshKeys(): Keys {
  const key = (): string => randomBytes(keyBytes).toString("base64url");
  return { "incident-lead": key(), responder: key(), observer: key() };
}

/** The seat that a key is for; undefined: it is none of ours. */
export function seatOf(keys: Keys, given: string | undefined): Seat | undefined {
  if (given === undefined) return undefined;
  const seats: readonly Seat[] = ["incident-lead", "responder", "observer"];
  return seats.find((seat) => isEqual(keys[seat], given));
}

function isEqual(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Why a request is not for us; undefined: it is. `host` is what the server was told to listen on. */
export function hostProblem({ headers }: Pick<IncomingMessage, "headers">, host: string): string | undefined {
  const given = URL.parse(`http://${headers.host ?? ""}`)?.hostname.replace(/^\[|\]$/g, "");
  if (given === undefined || given === "") return "a request needs a Host";
  // A name that an attacker owns is no address; what resolves to this machine otherwise is its own doing.
  if (given === "localhost" || given === host || isIP(given) !== 0) return undefined;
  return `this server is not called ${given}`;
}

/** Why a request may not change anything; undefined: it may. Programs send no `Origin`, pages always do. */
export function originProblem({ headers }: Pick<IncomingMessage, "headers">): string | undefined {
  const { origin, host } = headers;
  if (origin !== undefined && origin !== `http://${host}`) return "only pages of this server may do that";
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin") return "only pages of this server may do that";
  return headers["content-type"]?.split(";")[0] === "application/json" ? undefined : "only JSON is taken";
}
