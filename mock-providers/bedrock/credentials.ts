/**
 * Who sends a request: an API key as bearer token, or a signature made with an access key (wire formats [ran]; both are of the
 * same account here: the key is its access key id, and its secret access key is the configured one, or the key itself).
 */
import type { Account } from "../../behavior/provider-model.ts";
import { assertNever } from "../../core/invariant.ts";
import { minuteMs, type Ms } from "../../core/time.ts";
import type { Incoming } from "../dialect.ts";
import {
  type ApiError,
  incompleteSignature,
  invalidSignature,
  missingCredential,
  unknownAccessKey,
  unknownBearer,
  wrongSignature,
} from "./errors.ts";
import { isSignedWith, parseSignature, type Signature, signatureScheme, signedAtEpochMs } from "./signature.ts";

/** The key of the account that sent the request; empty when none did. */
export function apiKeyOf({ mounted, request }: Incoming, body: string): string {
  const credential = credentialOf(request.headers.authorization);
  if (credential.kind === "bearer") return credential.apiKey;
  if (credential.kind !== "signature" || timeProblem(credential.signature, signedAtEpochMs(request)) !== undefined)
    return "";
  const { signature } = credential;
  const account = mounted.accounts.get(signature.accessKeyId);
  return account !== undefined && isSignedWith(secretOf(account), signature, request, body) ? account.apiKey : "";
}

/** The account that a request says it is of; once `apiKeyOf` has found one, the same. */
export function claimedAccount({ mounted, request }: Incoming): Account | undefined {
  const credential = credentialOf(request.headers.authorization);
  switch (credential.kind) {
    case "bearer":
      return mounted.accounts.get(credential.apiKey);
    case "signature":
      return mounted.accounts.get(credential.signature.accessKeyId);
    case "none":
    case "malformed":
      return undefined;
    default:
      return assertNever(credential);
  }
}

/** What is wrong with a credential with which `apiKeyOf` has found no account, or one that is known no longer. */
export function credentialProblem({ mounted, request }: Incoming, revoked = false): ApiError {
  const credential = credentialOf(request.headers.authorization);
  switch (credential.kind) {
    case "none":
      return missingCredential;
    case "bearer":
      return unknownBearer;
    case "malformed":
      return incompleteSignature(
        "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.",
      );
    case "signature": {
      const { signature } = credential;
      if (revoked || !mounted.accounts.has(signature.accessKeyId)) return unknownAccessKey;
      return timeProblem(signature, signedAtEpochMs(request)) ?? wrongSignature;
    }
    default:
      return assertNever(credential);
  }
}

type Credential =
  | { readonly kind: "none" | "malformed" }
  | { readonly kind: "bearer"; readonly apiKey: string }
  | { readonly kind: "signature"; readonly signature: Signature };

function credentialOf(authorization: string | undefined): Credential {
  if (authorization === undefined) return { kind: "none" };
  if (/^bearer /i.test(authorization)) return { kind: "bearer", apiKey: authorization.slice("bearer ".length).trim() };
  if (!authorization.startsWith(signatureScheme)) return { kind: "none" };
  const signature = parseSignature(authorization);
  return signature === undefined ? { kind: "malformed" } : { kind: "signature", signature };
}

function secretOf(account: Account): string {
  return account.secretKey ?? account.apiKey;
}

/** A signature is good for this long, before and after (AWS general reference; texts recalled). */
const signatureMsMax: Ms = 5 * minuteMs;

function timeProblem({ service }: Signature, signedAtMs: number | undefined): ApiError | undefined {
  if (service !== "bedrock") return invalidSignature("Credential should be scoped to correct service: 'bedrock'. ");
  if (signedAtMs === undefined)
    return incompleteSignature("Authorization header requires existence of an 'X-Amz-Date' header.");
  const ageMs = Date.now() - signedAtMs;
  if (Math.abs(ageMs) <= signatureMsMax) return undefined;
  return invalidSignature(
    ageMs > 0 ? "Signature expired: it was signed more than 5 min. ago." : "Signature not yet current.",
  );
}
