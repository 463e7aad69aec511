import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatBody, mockUnderTest, roomyKey } from "../mock-under-test.ts";

const key = { authorization: `Bearer ${roomyKey}` };

describe("OpenAI's paths", () => {
  it.each([
    { method: "GET", path: "/models", status: 200 },
    { method: "HEAD", path: "/models", status: 200 },
    { method: "GET", path: "/models/gpt-4o%2Dmini", status: 200 },
    { method: "GET", path: "/models/%E0%A4%A", status: 404, code: "model_not_found" },
    { method: "GET", path: "/models/constructor", status: 404, code: "model_not_found" },
    {
      method: "DELETE",
      path: "/models/gpt-4o",
      status: 405,
      code: "method_not_supported",
      allow: "GET, HEAD, OPTIONS",
    },
    { method: "GET", path: "/chat/completions", status: 405, code: "method_not_supported", allow: "POST, OPTIONS" },
    { method: "OPTIONS", path: "/chat/completions", status: 204, allow: "POST, OPTIONS" },
    { method: "POST", path: "/chat/completions/", status: 404, code: null },
    { method: "POST", path: "/toString", status: 404, code: null },
  ])("answer $status to $method $path", async ({ method, path, status, code, allow }) => {
    const { openAi } = await mockUnderTest();
    const answer = await fetch(`${openAi}${path}`, { method, headers: key });
    expect(answer.status).toBe(status);
    if (allow !== undefined) expect(answer.headers.get("allow")).toBe(allow);
    const text = await answer.text();
    if (method === "HEAD" || status === 204) expect(text).toBe("");
    if (code === undefined) return;
    const { error } = JSON.parse(text) as { readonly error: object };
    expect(Object.keys(error)).toEqual(["message", "type", "param", "code"]);
    expect(error).toMatchObject({ code });
  });

  it.each(["Basic c2s6", "Bearer", "bearer  ", "sk-squall-openai"])(
    "want the key as a bearer token, not as %j",
    async (authorization) => {
      const { openAi } = await mockUnderTest();
      const answer = await fetch(`${openAi}/chat/completions`, {
        method: "POST",
        headers: { authorization },
        body: JSON.stringify(chatBody("hi")),
      });
      expect(answer.status).toBe(401);
      expect(await answer.text()).toContain("You didn't provide an API key.");
    },
  );

  it("take any body without falling over", async () => {
    const { chat, control } = await mockUnderTest();
    const bodies = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.record(
        {
          model: fc.constantFrom<unknown>("gpt-4o-mini", "é", 7),
          messages: fc.oneof(
            fc.jsonValue(),
            fc.constant([{ role: "user", content: "[sq l a in=9 cached=99 out=0] x" }]),
          ),
          n: fc.jsonValue(),
          max_tokens: fc.jsonValue(),
          stream: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
      fc.constantFrom(
        "[".repeat(100_000),
        `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"${"a".repeat(70_000)}"}]}`,
      ),
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const answer = await chat(body);
        const text = await answer.text();
        expect(answer.status).toBeLessThan(500);
        if (answer.status === 200) return;
        const { error } = JSON.parse(text) as { readonly error: object };
        expect(Object.keys(error)).toEqual(["message", "type", "param", "code"]);
      }),
      { seed: 41, numRuns: 300 },
    );
    expect(await (await control("GET", "health")).json()).toMatchObject({ status: "ok", inFlight: 0 });
  });
});
