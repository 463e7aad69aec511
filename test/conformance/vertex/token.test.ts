import { generateKeyPairSync } from "node:crypto";
import { JWT } from "google-auth-library";
import { describe, expect, it } from "vitest";
import { vertexUnderTest } from "./client.ts";

const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** A token that is signed by nobody. */
function assertion(claims: object): string {
  const encoded = [{ alg: "RS256", typ: "JWT" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  return [...encoded, "c2lnbmF0dXJl"].join(".");
}

describe("tokens for service accounts", () => {
  it("are given to Google's auth library, and open the models", async () => {
    const { base, post } = await vertexUnderTest();
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2_048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    // The library's address of the token endpoint is fixed, so its request goes through a fetch that points it here.
    const client = new JWT({
      email: "robot@p1.iam.gserviceaccount.com",
      key: privateKey,
      scopes: ["https://www.googleapis.com/auth/cloud-platform"],
      transporterOptions: {
        fetchImplementation: (input, init) => {
          expect(new Request(input).url).toContain("oauth2.googleapis.com/token");
          return fetch(`${base}/token`, init);
        },
      },
    });
    const { access_token: token } = await client.authorize();
    expect(token).toBe("sk-squall-vertex");
    const body = { contents: [{ role: "user", parts: [{ text: "x" }] }] };
    const answer = await post("google/models/gemini-2.5-flash:generateContent", body, {
      authorization: `Bearer ${token}`,
    });
    expect(answer.status).toBe(200);
  });

  it("are that key whose name the account has", async () => {
    const { base } = await vertexUnderTest();
    const exp = Math.floor(Date.now() / 1_000) + 3_600;
    const iss = "sk-squall-vertex-tight@p1.iam.gserviceaccount.com";
    const body = new URLSearchParams({ grant_type: grant, assertion: assertion({ iss, exp }) });
    const response = await fetch(`${base}/token`, { method: "POST", body });
    expect(await response.json()).toEqual({
      access_token: "sk-squall-vertex-tight",
      expires_in: 3_599,
      token_type: "Bearer",
    });
  });

  const late = { iss: "a@b", exp: 1_000 };
  it.each([
    ["an assertion that has expired", { grant_type: grant, assertion: assertion(late) }, "invalid_grant"],
    ["an assertion without an issuer", { grant_type: grant, assertion: assertion({ exp: 9e9 }) }, "invalid_grant"],
    ["an assertion that is none", { grant_type: grant, assertion: "x" }, "invalid_grant"],
    ["another way to ask", { grant_type: "password" }, "unsupported_grant_type"],
  ])("are not given for %s, in OAuth's own words", async (_what, form, error) => {
    const { base } = await vertexUnderTest();
    const response = await fetch(`${base}/token`, { method: "POST", body: new URLSearchParams(form) });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error, error_description: expect.any(String) });
  });
});
