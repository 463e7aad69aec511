import { ApiError, type GenerateContentConfig, GoogleGenAI } from "@google/genai";
import { describe, expect, it } from "vitest";
import { errorOf, geminiUnderTest, type GoogleErrorBody, hourlyKey, roomyKey, textModel, tightKey } from "./client.ts";

const text = (content: string): object => ({ contents: [{ role: "user", parts: [{ text: content }] }] });

async function bodyOf(response: Response): Promise<GoogleErrorBody> {
  expect(response.headers.get("content-type")).toBe("application/json; charset=UTF-8");
  const { error } = (await response.json()) as { readonly error: GoogleErrorBody };
  expect(error.code).toBe(response.status);
  return error;
}

describe("errors through the SDK", () => {
  it("call a wrong key a wrong argument, and a missing one forbidden", async () => {
    const { clientFor, post } = await geminiUnderTest();
    const ask = { model: textModel, contents: "x" };
    const wrong = await errorOf(clientFor("AIza-guess").models.generateContent(ask));
    expect(wrong).toMatchObject({
      code: 400,
      status: "INVALID_ARGUMENT",
      message: "API key not valid. Please pass a valid API key.",
    });
    expect(wrong.details?.[0]).toMatchObject({ reason: "API_KEY_INVALID", domain: "googleapis.com" });
    const none = await bodyOf(await post(`${textModel}:generateContent`, text("x"), ""));
    expect(none).toMatchObject({ code: 403, status: "PERMISSION_DENIED" });
  });

  it("know neither a model nor a method that does not exist", async () => {
    const { client, post, base } = await geminiUnderTest();
    const unknown = await errorOf(client.models.generateContent({ model: "gemini-0", contents: "x" }));
    expect(unknown).toMatchObject({ code: 404, status: "NOT_FOUND" });
    expect(unknown.message).toMatch(
      /^models\/gemini-0 is not found for API version v1, or is not supported for generateContent\. Call/,
    );
    const noText = await errorOf(client.models.generateContent({ model: "gemini-embedding-001", contents: "x" }));
    expect(noText.message).toContain("is not supported for generateContent");
    expect(await bodyOf(await post(`${textModel}:translate`, text("x")))).toMatchObject({ code: 404 });
    expect(await bodyOf(await fetch(`${base}/v1/nowhere`))).toMatchObject({ code: 404 });
    expect(await bodyOf(await fetch(`${base}/v1/models/${textModel}:generateContent?key=${roomyKey}`))).toMatchObject({
      code: 404,
    });
  });

  it("come as an array of one from a stream that would be an array", async () => {
    const { post, client } = await geminiUnderTest();
    const array = await post("gemini-0:streamGenerateContent", text("x"));
    expect(array.status).toBe(404);
    expect(await array.json()).toMatchObject([{ error: { code: 404 } }]);
    expect(await errorOf(client.models.generateContentStream({ model: "gemini-0", contents: "x" }))).toMatchObject({
      code: 404,
    });
  });

  it("say of a limit which one it is and when to come back", async () => {
    const { clientFor, client } = await geminiUnderTest();
    const tight = clientFor(tightKey);
    const ask = { model: textModel, contents: "x" };
    for (let call = 0; call < 3; call++) await tight.models.generateContent(ask);
    const error = await errorOf(tight.models.generateContent(ask));
    expect(error).toMatchObject({ code: 429, status: "RESOURCE_EXHAUSTED" });
    const metric = "generativelanguage.googleapis.com/generate_requests_per_model";
    expect(error.message).toContain(
      `* Quota exceeded for metric: ${metric}, limit: 3, model: ${textModel}\nPlease retry in `,
    );
    expect(error.details).toEqual([
      expect.objectContaining({ "@type": "type.googleapis.com/google.rpc.Help" }),
      {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        violations: [
          {
            quotaMetric: metric,
            quotaId: "GenerateRequestsPerMinutePerProjectPerModel",
            quotaDimensions: { location: "global", model: textModel },
            quotaValue: "3",
          },
        ],
      },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: expect.stringMatching(/^[1-5]s$/) },
    ]);
    expect((await client.models.generateContent(ask)).text).not.toBe("");
  });

  it("let a client in that waits as long as it is told", async () => {
    // Ten times as fast: what the mock calls five seconds is half a second.
    const { clientFor } = await geminiUnderTest({ timeScale: 10 });
    const tight = clientFor(tightKey);
    const ask = { model: textModel, contents: "x" };
    for (let call = 0; call < 3; call++) await tight.models.generateContent(ask);
    const { message, details } = await errorOf(tight.models.generateContent(ask));
    const waitMs = Number(/retry in (\d+)ms/.exec(message)?.[1]);
    expect(waitMs).toBeLessThanOrEqual(500);
    expect(details?.at(-1)).toMatchObject({ retryDelay: "1s" });
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    expect((await tight.models.generateContent(ask)).text).not.toBe("");
  });

  it("are tried again only by a client that is told to", async () => {
    const { base, control, journal } = await geminiUnderTest();
    await control("POST", "faults", { fault: { provider: "gemini", kind: "outage" } });
    const once = new GoogleGenAI({ apiKey: roomyKey, httpOptions: { baseUrl: base } });
    const ask = (key: string): { model: string; contents: string } => ({
      model: textModel,
      contents: `[sq l ${key} in=5 cached=0 out=5] x`,
    });
    expect(await errorOf(once.models.generateContent(ask("once")))).toMatchObject({ code: 503, status: "UNAVAILABLE" });
    const retryOptions = { attempts: 3, initialDelay: 0.01, maxDelay: 0.02 };
    const patient = new GoogleGenAI({ apiKey: roomyKey, httpOptions: { baseUrl: base, retryOptions } });
    await expect(patient.models.generateContent(ask("patient"))).rejects.toThrow(ApiError);
    expect((await journal()).map(({ key, upstreamCalls }) => `${key} ${upstreamCalls}`)).toEqual([
      "once 1",
      "patient 1",
      "patient 2",
      "patient 3",
    ]);
  });

  it("know that the prompt is too long", async () => {
    const { client } = await geminiUnderTest();
    const error = await errorOf(
      client.models.generateContent({ model: textModel, contents: "[sq l big in=2000000 cached=0 out=5] x" }),
    );
    expect(error).toMatchObject({
      code: 400,
      message: "The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).",
    });
  });

  it("keep a key whose spending cap is reached out", async () => {
    const keys = [{ apiKey: "sk-broke", organization: "org-broke", state: "insufficient-quota" }] as const;
    const { clientFor } = await geminiUnderTest({}, { keys });
    const error = await errorOf(clientFor("sk-broke").models.generateContent({ model: textModel, contents: "x" }));
    expect(error).toMatchObject({ code: 429, status: "RESOURCE_EXHAUSTED" });
    expect(error.message).toContain("spending cap");
    expect(error.details).toBeUndefined();
  });

  it("never admit more than a key's limit, however many ask at once", async () => {
    const { clientFor } = await geminiUnderTest();
    const client = clientFor(hourlyKey);
    const calls = Array.from({ length: 10 }, () => client.models.generateContent({ model: textModel, contents: "x" }));
    const settled = await Promise.allSettled(calls);
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  });
});

describe("requests that the service does not take", () => {
  const configs: readonly (readonly [string, GenerateContentConfig, string])[] = [
    [
      "a temperature above 2",
      { temperature: 2.1 },
      "* GenerateContentRequest.generation_config.temperature: temperature must be in the range [0.0, 2.0].\n",
    ],
    [
      "a top_p above 1",
      { topP: 1.5 },
      "* GenerateContentRequest.generation_config.top_p: top_p must be in the range [0.0, 1.0].\n",
    ],
    [
      "no output tokens",
      { maxOutputTokens: 0 },
      "* GenerateContentRequest.generation_config.max_output_tokens: max_output_tokens must be positive.\n",
    ],
    [
      "nine candidates",
      { candidateCount: 9 },
      "* GenerateContentRequest.generation_config.candidate_count: candidate_count must be in the range [1, 8].\n",
    ],
    [
      "a thinking budget beyond the model's",
      { thinkingConfig: { thinkingBudget: 99_999 } },
      "The thinking budget 99999 is invalid. Please choose a value between 0 and 24576.",
    ],
    [
      "a schema for plain text",
      { responseJsonSchema: { type: "object" } },
      "* GenerateContentRequest.generation_config.response_json_schema: only allowed when response_mime_type is `application/json` or `text/x.enum`.\n",
    ],
  ];
  it.each(configs)("%s", async (_what, config, message) => {
    const { client } = await geminiUnderTest();
    const error = await errorOf(client.models.generateContent({ model: textModel, contents: "x", config }));
    expect(error).toMatchObject({ code: 400, status: "INVALID_ARGUMENT", message });
  });

  const call = { functionCall: { name: "f", args: {} } };
  const bodies: readonly (readonly [string, object | string, string])[] = [
    ["what is not JSON", "{", "Invalid JSON payload received."],
    [
      "nesting that no parser follows",
      `{"contents":${"[".repeat(20_000)}${"]".repeat(20_000)}}`,
      "Invalid JSON payload received. Message too deep.",
    ],
    ["no contents", {}, "* GenerateContentRequest.contents: contents is not specified\n"],
    [
      "a turn without parts",
      { contents: [{ parts: [{ text: "a" }] }, { role: "model", parts: [] }] },
      "* GenerateContentRequest.contents[1].parts: contents.parts must not be empty.\n",
    ],
    [
      "an empty part",
      { contents: [{ parts: [{}] }] },
      "* GenerateContentRequest.contents[0].parts[0].data: required oneof field 'data' must have one initialized field\n",
    ],
    [
      "a part that is two things, in whatever case its fields are written",
      { contents: [{ parts: [{ text: "x", inline_data: { mimeType: "image/png", data: "AA==" } }] }] },
      "Invalid value at 'contents[0].parts[0]' (oneof), oneof field 'data' is already set. Cannot set 'inlineData'",
    ],
    [
      "a role of another API",
      { contents: [{ role: "assistant", parts: [{ text: "x" }] }] },
      "Please use a valid role: user, model.",
    ],
    [
      "a call that the user makes",
      { contents: [{ role: "user", parts: [call] }] },
      "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
    ],
    [
      "a call that is never answered",
      { contents: [{ parts: [{ text: "x" }] }, { role: "model", parts: [call] }, { parts: [{ text: "y" }] }] },
      "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
    ],
    [
      "forced functions without any",
      { ...text("x"), toolConfig: { functionCallingConfig: { mode: "ANY" } } },
      "Function calling config is set without function_declarations.",
    ],
    [
      "contents that are text",
      { contents: "x" },
      "Invalid value at 'contents' (type.googleapis.com/google.ai.generativelanguage.v1beta.Content), \"x\"",
    ],
    [
      "a list where one is meant",
      { ...text("x"), generationConfig: [] },
      'Invalid JSON payload received. Unknown name "generationConfig": Proto field is not repeating, cannot start list.',
    ],
  ];
  it.each(bodies)("%s", async (_what, body, message) => {
    const { post } = await geminiUnderTest();
    const error = await bodyOf(await post(`${textModel}:generateContent`, body));
    expect(error).toMatchObject({ code: 400, status: "INVALID_ARGUMENT" });
    expect(error.message.slice(0, message.length)).toBe(message);
  });

  it("unknown names and wrong kinds, all at once and each with its path", async () => {
    const { post } = await geminiUnderTest();
    const body = {
      contents: [{ parts: [{ text: "x", colour: "red" }] }],
      temperature: 1,
      generation_config: { temperature: "hot", max_output_tokens: 1.5, top_k: "40" },
      tools: [
        { functionDeclarations: [{ name: "f", parameters: { type: "thing", properties: { a: { const: 1 } } } }] },
      ],
    };
    const error = await bodyOf(await post(`${textModel}:generateContent`, body));
    const violations = [
      {
        field: "contents[0].parts[0]",
        description: `Invalid JSON payload received. Unknown name "colour" at 'contents[0].parts[0]': Cannot find field.`,
      },
      { description: `Invalid JSON payload received. Unknown name "temperature": Cannot find field.` },
      {
        field: "generation_config.temperature",
        description: `Invalid value at 'generation_config.temperature' (TYPE_FLOAT), "hot"`,
      },
      {
        field: "generation_config.max_output_tokens",
        description: `Invalid value at 'generation_config.max_output_tokens' (TYPE_INT32), 1.5`,
      },
      {
        field: "tools[0].function_declarations[0].parameters.type",
        description: `Invalid value at 'tools[0].function_declarations[0].parameters.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Schema.Type), "thing"`,
      },
      {
        field: "tools[0].function_declarations[0].parameters.properties[0].value",
        description: `Invalid JSON payload received. Unknown name "const" at 'tools[0].function_declarations[0].parameters.properties[0].value': Cannot find field.`,
      },
    ];
    expect(error.details).toEqual([
      { "@type": "type.googleapis.com/google.rpc.BadRequest", fieldViolations: violations },
    ]);
    expect(error.message).toBe(violations.map(({ description }) => description).join("\n"));
  });

  it("are let in when they are written as protocol buffers may be", async () => {
    const { post } = await geminiUnderTest();
    const body = {
      contents: { role: "user", parts: { text: "[sq l proto in=5 cached=0 out=50] x" } },
      generation_config: { max_output_tokens: "7", temperature: "0.5", thinking_config: null },
      system_instruction: { parts: [{ text: "Be kind." }] },
    };
    const response = await post(`${textModel}:generateContent`, body);
    expect(await response.json()).toMatchObject({ usageMetadata: { candidatesTokenCount: 7 } });
  });
});
