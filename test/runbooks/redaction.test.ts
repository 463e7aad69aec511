/** What is kept out of journals, and what is not: keys and conversations, and words about them. */
import { describe, expect, it } from "vitest";
import { redactData, redactText } from "../../runbooks/engine/redaction.ts";

describe("a key", () => {
  it.each([
    ["of a vendor", "sk-proj-abcdefghijklmnop1234"],
    ["of a vendor", "sk-ant-api03-abcdefghijklmnop"],
    ["of a vendor", "sk_live_abcdefghijklmnop"],
    ["of a vendor", "AIzaSyA1234567890abcdefgh"],
    ["of a vendor", "hf_abcdefghijklmnopqrst"],
    ["of AWS", "AKIAIOSFODNN7EXAMPLEX"],
    ["of a host of code", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"],
    ["of a host of code", "glpat-AbCdEf123456"],
    ["of a chat", "xoxb-123456789012-abcdef"],
    ["that is a token", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.abc-_d"],
    ["that is a file", "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----"],
    ["in a header", "Bearer short123"],
    ["in a header", "Authorization: Bearer onlyletters", "onlyletters"],
    ["in a header", '"authorization": "Basic YWRhOmxvdmVsYWNl"', "YWRhOmxvdmVsYWNl"],
    ["in a header", "x-api-key: hunter22", "hunter22"],
    ["in an address", "postgres://ada:lovelace@db:5432/x", "lovelace"],
    ["in an address", "http://127.0.0.1:9200/?key=q8Zr", "q8Zr"],
    ["with a name", "api_key=hunter22", "hunter22"],
    ["with a name", "OPENAI_API_KEY=onlyletters", "onlyletters"],
    ["with a name", "aws_secret_access_key = 'wJalrXUtnFEMI/K7MDENG'", "wJalrXUtnFEMI"],
    ["with a name", "--from-literal=password=abc", "=abc"],
    ["with a name", "nodectl --token onlyletters stop", "onlyletters"],
    ["with a name", '{"token":"a b"}', "a b"],
    ["with a name", '{"client_secret": "cut off in the mid', "cut off"],
    ["with a name", 'password: "correct horse"', "horse"],
    ["with a name", "Password: hunter", "hunter"],
    ["with a name", "token: abcdefgh12345678", "abcdefgh"],
  ])("%s does not get through: %s", (_, written, secret = written) => {
    const left = redactText(`before ${written} after`);
    expect(left).not.toContain(secret);
    expect(left).toContain("[redacted]");
    expect(left).toMatch(/^before /);
  });

  it.each([
    "the token limit is used up",
    "the token budget of marketing is spent",
    "a token bucket, refilled each minute",
    "tokens.of-limit > 80 %",
    "tokens: 123456 of 200000",
    "first token: 350 ms",
    "Time to first token: nothing measured",
    "max_tokens=4096 and max-token=350ms",
    "--token-budget 50000",
    "step skip-ahead-of-everything-else",
    "disk-pressure-on-node-seventeen",
    "key 2 of azure",
    "rotate key of azure",
    "the api key was rotated by ada",
    "a secret was rotated; the password rotation is due",
    "secret/gateway-keys configured",
    "deployment/secret-store-controller scaled",
    "asia-northeast1-docker.pkg.dev/squall/gateway",
    "pkg/kubelet/cni/networking.go:17",
    "eyjafjallajokull-volcano-observatory",
    "Bearer of bad news",
    "http://127.0.0.1:9100/openai/v1/models",
    "ada@example.org asked for https://status.example.org/a:b",
    "provider-outage/1a2b3c4d5e6f/fail-over#1.1",
    "last hash 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    '{"text":"INC-7","content":"opened"}',
  ])("is not seen where there is none: %s", (text) => {
    expect(redactText(text)).toBe(text);
  });

  it("is found by the name of its field, and after the word that names it", () => {
    const data = {
      words: ["nodectl", "--token", "onlyletters", "stop"],
      nested: { apiKey: "onlyletters", key: "made/0/step#1.1", before: "key 2 of azure" },
    };
    expect(redactData(data)).toEqual({
      words: ["nodectl", "--token", "[redacted]", "stop"],
      nested: { ...data.nested, apiKey: "[redacted]" },
    });
  });
});

describe("a conversation", () => {
  it.each([
    ["OpenAI asked", { model: "gpt-4o", messages: [{ role: "user", content: "I am ill" }] }],
    ["OpenAI asked in parts", { messages: [{ role: "user", content: [{ type: "text", text: "I am ill" }] }] }],
    ["OpenAI answered", { choices: [{ message: { role: "assistant", content: "I am ill" } }] }],
    ["OpenAI's newer form", { model: "gpt-4o", instructions: "be kind", input: "I am ill" }],
    ["embeddings", { model: "e", input: ["I am ill", "very"] }],
    ["Anthropic asked", { system: "be kind", messages: [{ role: "user", content: [{ text: "I am ill" }] }] }],
    ["Gemini asked", { contents: [{ parts: [{ text: "I am ill" }] }] }],
    ["Gemini answered", { candidates: [{ content: { parts: [{ text: "I am ill" }] } }] }],
    ["Bedrock asked", { inputText: "I am ill" }],
    [
      "a tool was called",
      { choices: [{ message: { tool_calls: [{ function: { arguments: '{"who":"I am ill"}' } }] } }] },
    ],
  ])("is left out where %s, and nothing else is", (_, body) => {
    for (const text of [JSON.stringify(body), JSON.stringify(body, undefined, 2)]) {
      const left = redactText(`HTTP 200 ${text}`);
      expect(left).not.toMatch(/ill|kind|very/);
      expect(left).toMatch(/^HTTP 200 \{/);
    }
  });

  it("is left out of a stream, and where it was cut off", () => {
    const streamed = 'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"I am ill"}}';
    expect(redactText(streamed)).toBe(streamed.replace("I am ill", "[redacted]"));
    expect(redactText('{"messages":[{"role":"user","content":"I am i')).toBe(
      '{"messages":[{"role":"user","content":"[redacted]"',
    );
  });
});
