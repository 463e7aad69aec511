/**
 * `POST /token`: access tokens for service accounts, as oauth2.googleapis.com gives them (developers.google.com/identity
 * /protocols/oauth2/service-account). A client's credentials file points here by its `token_uri`.
 *
 * Tokens are the keys of the configuration: a service account whose name is one of them (the part of its address before the @)
 * gets that one, any other the first. Signatures cannot be checked, for the mock has nobody's public key.
 */
import { isObject } from "../json-fields.ts";
import { secondMs } from "../../core/time.ts";
import { asciiJson, send } from "../answer.ts";
import type { Incoming } from "../dialect.ts";
import { readBody } from "../request-body.ts";

export const tokenPath = "/token";

/** A form with a signed assertion is far shorter. */
const formBytesMax = 64 * 1024;

/** Seconds that a token is said to be good for. */
const lifetimeSeconds = 3_599;

const assertionGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

export function giveToken(incoming: Incoming): void {
  if (incoming.request.method !== "POST") {
    refuse(incoming, "invalid_request", "Method must be POST.");
    return;
  }
  readBody(incoming.request, formBytesMax, (body) => {
    const form = new URLSearchParams(body ?? "");
    const grant = form.get("grant_type") ?? "";
    if (body === undefined) refuse(incoming, "invalid_request", "The request is too large.");
    else if (grant === assertionGrant) answerAssertion(incoming, form.get("assertion") ?? "");
    else if (grant === "refresh_token") give(incoming, "");
    else refuse(incoming, "unsupported_grant_type", `Invalid grant_type: ${grant.slice(0, 64)}`);
  });
}

/** Texts are the service's (public error texts). */
function answerAssertion(incoming: Incoming, assertion: string): void {
  const claims = claimsOf(assertion);
  const expiry = claims?.["exp"];
  const issuer = claims?.["iss"];
  if (claims === undefined || typeof issuer !== "string") {
    refuse(incoming, "invalid_grant", "Bad JWT: the assertion is not a signed JSON Web Token with an issuer.");
  } else if (typeof expiry !== "number" || expiry * secondMs < Date.now()) {
    refuse(
      incoming,
      "invalid_grant",
      "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.",
    );
  } else {
    give(incoming, issuer.slice(0, issuer.indexOf("@")));
  }
}

function give(incoming: Incoming, name: string): void {
  const { accounts } = incoming.mounted;
  const [first = ""] = accounts.keys();
  const token = accounts.has(name) ? name : first;
  const body = asciiJson({ access_token: token, expires_in: lifetimeSeconds, token_type: "Bearer" });
  send(incoming.response, { status: 200, headers, body, reason: "" });
}

/** OAuth's own envelope, not Google's (RFC 6749, section 5.2). */
function refuse(incoming: Incoming, error: string, description: string): void {
  const body = asciiJson({ error, error_description: description });
  send(incoming.response, { status: 400, headers, body, reason: error });
}

const headers: readonly string[] = ["content-type", "application/json; charset=utf-8", "cache-control", "no-store"];

/** What a token claims; undefined for what is no token. */
function claimsOf(assertion: string): Readonly<Record<string, unknown>> | undefined {
  const [, payload, signature] = assertion.split(".");
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
    return isObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
