/**
 * AWS Signature Version 4, recomputed (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 *
 * Particular to Bedrock: the canonical path is the encoded path encoded once more (`%3A` becomes `%253A`), and over HTTP/2 the SDK
 * signs the pseudo header `:authority` in place of `host` ([ran]).
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { HttpRequest } from "../http-exchange.ts";

/** The parts of an `Authorization` header. */
export interface Signature {
  readonly accessKeyId: string;
  /** `20261121`. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly hex: string;
}

export const signatureScheme = "AWS4-HMAC-SHA256";

/** Undefined when a part is missing or malformed. */
export function parseSignature(authorization: string): Signature | undefined {
  const parts = new Map(
    authorization
      .slice(signatureScheme.length)
      .split(",")
      .map((part): readonly [string, string] => {
        const [name = "", ...value] = part.trim().split("=");
        return [name, value.join("=")];
      }),
  );
  const [accessKeyId, day, region, service, end] = (parts.get("Credential") ?? "").split("/");
  const signedHeaders = (parts.get("SignedHeaders") ?? "").split(";").filter((name) => name !== "");
  const hex = parts.get("Signature") ?? "";
  if (accessKeyId === undefined || day === undefined || region === undefined || service === undefined) return undefined;
  if (end !== "aws4_request" || signedHeaders.length === 0 || !/^[0-9a-f]{64}$/.test(hex)) return undefined;
  return { accessKeyId, day, region, service, signedHeaders, hex };
}

/** Whether the holder of the secret key has signed this request with this body. */
export function isSignedWith(secretKey: string, signature: Signature, request: HttpRequest, body: string): boolean {
  const bodyHash = sha256(body);
  const declared = request.headers["x-amz-content-sha256"];
  if (declared !== undefined && declared !== bodyHash && declared !== unsignedBody) return false;
  const { day, region, service } = signature;
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(
    (parent, part) => createHmac("sha256", parent).update(part).digest(),
    `AWS4${secretKey}`,
  );
  return signedHosts(request).some((host) => {
    const canonical = canonicalRequest(signature, request, String(declared ?? bodyHash), host);
    const scope = `${day}/${region}/${service}/aws4_request`;
    const toSign = [signatureScheme, headerValue(request, "x-amz-date"), scope, sha256(canonical)].join("\n");
    const expected = createHmac("sha256", key).update(toSign).digest();
    return timingSafeEqual(expected, Buffer.from(signature.hex, "hex"));
  });
}

/** Amazon's hosts have no port, so some clients sign the name alone (Portkey 1.15.2, [ran]) even where there is one. */
function signedHosts(request: HttpRequest): readonly string[] {
  const host = headerValue(request, "host");
  const name = host.replace(/:\d+$/, "");
  return name === host ? [host] : [host, name];
}

/** The instant at which a request was signed, epoch milliseconds; undefined when it does not say. */
export function signedAtEpochMs(request: HttpRequest): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(headerValue(request, "x-amz-date"));
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const unsignedBody = "UNSIGNED-PAYLOAD";

function canonicalRequest({ signedHeaders }: Signature, request: HttpRequest, bodyHash: string, host: string): string {
  const [path = "/", query = ""] = (request.url ?? "/").split("?");
  return [
    request.method ?? "",
    path.split("/").map(encodedOnceMore).join("/"),
    query.split("&").sort().join("&"),
    ...signedHeaders.map((name) => `${name}:${name === "host" ? host : headerValue(request, name)}`),
    "",
    signedHeaders.join(";"),
    bodyHash,
  ].join("\n");
}

/** RFC 3986: beyond what `encodeURIComponent` leaves alone. */
function encodedOnceMore(segment: string): string {
  return encodeURIComponent(segment).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function headerValue({ headers }: HttpRequest, name: string): string {
  const value = headers[name] ?? (name === "host" ? headers[":authority"] : undefined) ?? "";
  return String(value).trim().replaceAll(/ +/g, " ");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
