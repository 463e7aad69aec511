import {
  APIConnectionError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "openai";
import { describe, expect, it } from "vitest";
import { apiKey, apiVersion, azureUnderTest } from "./client.ts";

const messages = [{ role: "user" as const, content: "[sq l e1 in=4 cached=0 out=5] hello" }];
const request = { model: "gpt-4o", messages };

/** What a call throws. */
async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("errors of Azure's gateway: a code and a message, no more", () => {
  it("refuse a wrong key in either header, and none at all, with 401", async () => {
    const { clientWith, v1With, endpoint } = await azureUnderTest();
    for (const client of [clientWith({ apiKey: "wrong" }), v1With({ apiKey: "wrong" })]) {
      const error = await thrownBy(client.chat.completions.create(request));
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(error).toMatchObject({ status: 401, code: "401" });
      expect(String(error)).toContain("Access denied due to invalid subscription key or wrong API endpoint.");
    }
    const response = await fetch(`${endpoint}/openai/deployments/gpt-4o/chat/completions?api-version=${apiVersion}`, {
      method: "POST",
      body: "{}",
    });
    expect(response.status).toBe(401);
    const body = (await response.json()) as { readonly error: object };
    expect(Object.keys(body.error)).toEqual(["code", "message"]);
    expect(JSON.stringify(body)).toContain("Access token is missing, invalid");
  });

  it("refuse a deployment that does not exist, on both paths", async () => {
    const { client, v1 } = await azureUnderTest();
    for (const each of [client, v1]) {
      const error = await thrownBy(each.chat.completions.create({ ...request, model: "gpt-0" }));
      expect(error).toBeInstanceOf(NotFoundError);
      expect(error).toMatchObject({ status: 404, code: "DeploymentNotFound", type: undefined });
    }
  });

  it("know a deployment by its name, not by the version of its model", async () => {
    const { client } = await azureUnderTest();
    const error = await thrownBy(client.chat.completions.create({ ...request, model: "gpt-4o-2024-08-06" }));
    expect(error).toMatchObject({ status: 404, code: "DeploymentNotFound" });
  });

  it.each([
    ["POST", "/openai/deployments/gpt-4o/chat/completions", "without an API version"],
    ["POST", "/openai/deployments/gpt-4o/chat/completions?api-version=soon", "with a version that is no date"],
    ["POST", "/openai/deployments/gpt-4o/chat/completions?api-version=2022-11-30", "with a version before the first"],
    ["POST", "/openai/deployments/gpt-4o/chat/completions?api-version=2999-01-01", "with a version of the future"],
    ["POST", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-13-01", "with a version of no day"],
    ["GET", `/openai/deployments/gpt-4o/chat/completions?api-version=${apiVersion}`, "with another method"],
    ["POST", `/openai/deployments/gpt-4o/sing?api-version=${apiVersion}`, "for what it does not do"],
    ["POST", `/openai/chat/completions?api-version=${apiVersion}`, "without a deployment"],
    ["POST", "/openai/v1/sing", "on v1 for what it does not do"],
    ["GET", `/openai/models/gpt-0?api-version=${apiVersion}`, "for a model that is not there"],
    ["GET", "/elsewhere", "for anything else"],
  ])("find no resource at %s %s, %s", async (method, path) => {
    const { endpoint } = await azureUnderTest();
    const response = await fetch(`${endpoint}${path}`, {
      method,
      headers: { "api-key": apiKey },
      ...(method === "POST" ? { body: "{}" } : {}),
    });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: { code: "404", message: "Resource not found" } });
    expect(response.headers.has("apim-request-id")).toBe(true);
  });

  it("refuse an operation that the model does not have", async () => {
    const { client, v1 } = await azureUnderTest();
    const chat = await thrownBy(client.chat.completions.create({ ...request, model: "text-embedding-3-small" }));
    expect(chat).toBeInstanceOf(BadRequestError);
    expect(chat).toMatchObject({ code: "OperationNotSupported" });
    expect(String(chat)).toContain(
      "The chatCompletion operation does not work with the specified model, text-embedding-3-small.",
    );
    const vector = await thrownBy(v1.embeddings.create({ model: "gpt-4o", input: "x" }));
    expect(String(vector)).toContain("The embeddings operation does not work with the specified model, gpt-4o.");
  });
});

describe("errors of the model behind it: OpenAI's envelope", () => {
  it("name the parameter of a request that is wrong", async () => {
    const { client } = await azureUnderTest();
    const error = await thrownBy(client.chat.completions.create({ ...request, temperature: 3 }));
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({
      type: "invalid_request_error",
      param: "temperature",
      code: "decimal_above_max_value",
    });
  });

  it("refuse a body that is no JSON", async () => {
    const { endpoint } = await azureUnderTest();
    const url = `${endpoint}/openai/deployments/gpt-4o/chat/completions?api-version=${apiVersion}`;
    const response = await fetch(url, { method: "POST", headers: { "api-key": apiKey }, body: "{" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error", code: null } });
  });

  it("refuse a prompt that does not fit the model", async () => {
    const { client } = await azureUnderTest();
    const content = "[sq l long in=200000 cached=0 out=5] hello";
    const error = await thrownBy(client.chat.completions.create({ ...request, messages: [{ role: "user", content }] }));
    expect(error).toMatchObject({ status: 400, code: "context_length_exceeded" });
  });
});

describe("faults", () => {
  it.each([
    [408, undefined, "Timeout", "The operation was timeout."],
    [429, RateLimitError, "429", "The system is currently experiencing high demand"],
    [500, InternalServerError, null, "The server had an error processing your request."],
    [503, InternalServerError, "ServiceUnavailable", "The service is temporarily unable to process your request."],
  ])("with status %i look as Azure's do", async (status, expectedClass, code, text) => {
    const { client, control } = await azureUnderTest();
    const fault = { provider: "azure-openai", kind: "error-rate", status, share: 1 };
    expect((await control("POST", "faults", { at: "0s", fault })).ok).toBe(true);
    const error = await thrownBy(client.chat.completions.create(request));
    if (expectedClass !== undefined) expect(error).toBeInstanceOf(expectedClass);
    expect(error).toMatchObject({ status, code });
    expect(String(error)).toContain(text);
  });

  it("that reset the connection are seen as such", async () => {
    const { client, control } = await azureUnderTest();
    const fault = { provider: "azure-openai", kind: "outage", how: "reset" };
    expect((await control("POST", "faults", { at: "0s", fault })).ok).toBe(true);
    expect(await thrownBy(client.chat.completions.create(request))).toBeInstanceOf(APIConnectionError);
  });
});
