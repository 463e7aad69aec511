import { describe, expect, it } from "vitest";
import { configInWords } from "../../mock-providers/config-words.ts";
import { chatBody, hourlyKey, mockUnderTest, roomyKey, testConfig, tightKey, timeless } from "./mock-under-test.ts";

/** A marked request: key, prompt and answer tokens. */
function marked(key: string, input = 10, output = 4): object {
  return chatBody(`[sq l ${key} in=${input} cached=0 out=${output}] x`);
}

describe("the journal", () => {
  it("has an entry for every call by the time its answer is there, as the provider saw it", async () => {
    const { chat, journal } = await mockUnderTest();
    await chat(marked("a1"));
    await chat(marked("a1"));
    const entries = await journal();
    expect(entries.map(timeless)).toEqual([
      {
        seq: 1,
        key: "a1",
        phase: "load",
        tenant: "org-squall",
        model: "gpt-4o-mini",
        provider: "openai",
        stream: false,
        status: 200,
        outcome: "ok",
        reason: "",
        tokensBy: "marker",
        inputTokens: 10,
        cachedTokens: 0,
        outputTokens: 4,
        chunks: 0,
        upstreamCalls: 1,
        cost: 3_900,
        wastedTokens: 0,
      },
      expect.objectContaining({ seq: 2, key: "a1", upstreamCalls: 2 }),
    ]);
    expect(await journal(1)).toHaveLength(1);
    expect(await journal(2)).toEqual([]);
  });

  it("says which entries there are, and refuses a number that is none", async () => {
    const { chat, control } = await mockUnderTest();
    await chat(marked("a"));
    const answer = await control("GET", "journal");
    expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
    expect([answer.headers.get("x-squall-first-seq"), answer.headers.get("x-squall-last-seq")]).toEqual(["1", "1"]);
    expect((await control("GET", "journal?after=x")).status).toBe(400);
  });

  it("arrives whole when it is longer than a block", async () => {
    const { chat, journal } = await mockUnderTest();
    await Promise.all(
      Array.from({ length: 600 }, (_, index) => chat(marked(`r${index}`)).then((answer) => answer.text())),
    );
    const entries = await journal();
    expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: 600 }, (_, index) => index + 1));
  });
});

describe("the limits", () => {
  it("say how much of its scarcest one each provider has used up", async () => {
    const { chat, control } = await mockUnderTest();
    const read = async (): Promise<unknown> => (await control("GET", "limits")).json();
    expect(await read()).toEqual([{ provider: "openai", requests: 0, tokens: 0 }]);
    await chat(marked("a", 10, 4), { key: hourlyKey });
    expect(await read()).toEqual([
      { provider: "openai", requests: expect.closeTo(1 / 3, 5), tokens: expect.any(Number) },
    ]);
  });
});

describe("reset", () => {
  it("starts the scenario anew: time, quotas, ledger, journal and faults", async () => {
    const { chat, control, journal } = await mockUnderTest();
    for (let call = 0; call < 4; call++) await chat(marked(`a${call}`), { key: hourlyKey });
    await control("POST", "faults", { fault: { provider: "openai", kind: "outage" } });
    expect(await (await control("GET", "ledger")).json()).toMatchObject([{ calls: 4, served: 3, refused: 1 }]);
    const before = (await (await control("GET", "health")).json()) as { readonly scenarioMs: number };

    expect((await control("POST", "reset", {})).status).toBe(200);

    const after = (await (await control("GET", "health")).json()) as { readonly scenarioMs: number };
    expect(after.scenarioMs).toBeLessThan(before.scenarioMs);
    expect(await (await control("GET", "ledger")).json()).toMatchObject([{ calls: 0 }]);
    expect(await (await control("GET", "faults")).json()).toEqual([]);
    expect(await journal()).toEqual([]);
    const again = await chat(marked("a0"), { key: hourlyKey });
    expect(again.headers.get("x-ratelimit-remaining-requests")).toBe("2");
  });

  it("takes a new seed, and refuses what is no seed", async () => {
    const { chat, control } = await mockUnderTest();
    const idWithSeed = async (seed?: number): Promise<string | null> => {
      await control("POST", "reset", seed === undefined ? "" : { seed });
      return (await chat(marked("a"))).headers.get("x-request-id");
    };
    const [one, two, same] = [await idWithSeed(1), await idWithSeed(2), await idWithSeed()];
    expect(one).not.toBe(two);
    expect(same).toBe(two);
    expect((await control("POST", "reset", { seed: "soon" })).status).toBe(400);
  });
});

describe("faults", () => {
  it("begin when they are posted, in the words of a scenario, and end when they are cleared", async () => {
    const { chat, control, journal } = await mockUnderTest();
    const fault = { provider: "openai", kind: "error-rate", status: 503, "retry-after": "2s" };
    const posted = await control("POST", "faults", { fault });
    expect(posted.status).toBe(201);
    expect(await posted.json()).toMatchObject([
      { at: expect.stringMatching(/ms$/), fault: { ...fault, "retry-after": "2000ms" } },
    ]);
    const failed = await chat(marked("a"));
    expect(failed.status).toBe(503);
    expect(failed.headers.get("retry-after")).toBe("2");
    expect(await failed.json()).toMatchObject({ error: { code: "server_is_overloaded" } });

    expect((await control("DELETE", "faults")).status).toBe(204);
    expect((await chat(marked("b"))).status).toBe(200);
    expect((await journal()).map(({ outcome, status, reason }) => ({ outcome, status, reason }))).toEqual([
      { outcome: "server-error", status: 503, reason: "server_is_overloaded" },
      { outcome: "ok", status: 200, reason: "" },
    ]);
  });

  it("reset connections for real", async () => {
    const { chat, control, journal } = await mockUnderTest();
    await control("POST", "faults", [{ at: "0", fault: { provider: "openai", kind: "outage", how: "reset" } }]);
    const reset = await chat(marked("a")).catch((error: unknown) => error);
    expect(reset).toBeInstanceOf(TypeError);
    expect((reset as TypeError).cause).toMatchObject({ code: "ECONNRESET" });
    expect(await journal()).toMatchObject([{ outcome: "connection", reason: "reset", status: 0 }]);
  });

  it.each([
    { why: "an unknown provider", body: { fault: { provider: "opnai", kind: "outage" } } },
    { why: "an unknown kind", body: { fault: { provider: "openai", kind: "outrage" } } },
    { why: "what is no fault at all", body: 7 },
    { why: "what is not even YAML", body: "{" },
  ])("refuse $why and name the place", async ({ body }) => {
    const { control } = await mockUnderTest();
    const refused = await control("POST", "faults", body);
    expect(refused.status).toBe(400);
    const { error } = (await refused.json()) as { readonly error: { readonly problems: readonly object[] } };
    expect(error.problems.length).toBeGreaterThan(0);
    expect(await (await control("GET", "faults")).json()).toEqual([]);
  });
});

describe("the configuration", () => {
  it("shows itself in words", async () => {
    const config = testConfig();
    const { control } = await mockUnderTest(config);
    expect(await (await control("GET", "config")).json()).toEqual(configInWords(config));
  });

  it("changes speed without forgetting what was used", async () => {
    const { chat, control, journal } = await mockUnderTest();
    await chat(marked("a"), { key: hourlyKey });
    const changed = await control("PATCH", "config", { "latency-scale": 0.001, "time-scale": 2 });
    expect(await changed.json()).toMatchObject({ "latency-scale": 0.001, "time-scale": 2 });
    const next = await chat(marked("b"), { key: hourlyKey });
    expect(next.headers.get("x-ratelimit-remaining-requests")).toBe("1");
    expect(await journal()).toHaveLength(2);
    expect(await (await control("GET", "health")).json()).toMatchObject({ timeScale: 2 });
  });

  it("starts anew with other providers", async () => {
    const { chat, control, journal } = await mockUnderTest();
    await chat(marked("a"));
    const models = { "gpt-4o-mini": null, "my-model": { rpm: 1 } };
    expect((await control("PATCH", "config", { providers: { openai: { models } } })).status).toBe(200);
    expect(await journal()).toEqual([]);
    expect((await chat(marked("b"))).status).toBe(404);
    expect((await chat({ ...marked("c"), model: "my-model" })).status).toBe(200);
    expect((await chat({ ...marked("d"), model: "my-model" })).status).toBe(429);
  });

  it("stays as it was when a change is refused", async () => {
    const config = testConfig();
    const { control } = await mockUnderTest(config);
    const refused = await control("PATCH", "config", { "latency-scale": -1, nonsense: 1 });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { problems: [{ path: "latency-scale" }, { path: "nonsense" }] },
    });
    expect(await (await control("GET", "config")).json()).toEqual(configInWords(config));
  });
});

describe("the ledger and the metrics", () => {
  it("agree with the journal about calls, tokens and money", async () => {
    const { chat, control, journal, url } = await mockUnderTest();
    await chat(marked("a", 100, 7));
    await chat({ ...marked("b", 50, 20), stream: true }).then((answer) => answer.text());
    await chat({ ...marked("c"), model: "nobody" });
    await chat(marked("d"), { key: "sk-stranger" });
    const cost = (await journal()).reduce((sum, entry) => sum + entry.cost, 0);
    expect(cost).toBeGreaterThan(0);
    expect(await (await control("GET", "ledger")).json()).toMatchObject([
      {
        provider: "openai",
        calls: 4,
        served: 2,
        refused: 2,
        inputTokens: 150,
        outputTokens: 27,
        wastedTokens: 0,
        cost,
      },
    ]);

    const metrics = await (await fetch(`${url}/metrics`)).text();
    const labels = 'gen_ai_provider_name="openai",gen_ai_request_model="gpt-4o-mini"';
    const unknown = labels.replace("gpt-4o-mini", "unknown");
    for (const line of [
      `squall_mock_requests_total{${labels},http_response_status_code="200",outcome="ok"} 2`,
      `squall_mock_requests_total{${unknown},http_response_status_code="404",outcome="rejected"} 1`,
      `squall_mock_requests_total{${unknown},http_response_status_code="401",outcome="rejected"} 1`,
      `squall_mock_tokens_total{${labels},gen_ai_token_type="input"} 150`,
      `squall_mock_tokens_total{${labels},gen_ai_token_type="output"} 27`,
      `squall_mock_cost_dollars_total{${labels}} ${cost / 1e9}`,
      `gen_ai_server_time_to_first_token_seconds_count{${labels}} 1`,
      `gen_ai_server_time_per_output_token_seconds_count{${labels}} 1`,
      `gen_ai_server_request_duration_seconds_count{${labels}} 2`,
      "squall_mock_stream_lateness_seconds_count 20",
      'squall_mock_requests_in_flight{gen_ai_provider_name="openai"} 0',
      "squall_mock_answers_waiting 0",
    ]) {
      expect(metrics.split("\n")).toContain(line);
    }
    expect(await (await control("GET", "metrics")).text()).toContain("squall_mock_requests_total");
  });

  it("show what is left of a limit, for masked keys only", async () => {
    const { chat, url } = await mockUnderTest();
    await chat(marked("a"), { key: tightKey });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain(
      'squall_mock_ratelimit_limit{gen_ai_provider_name="openai",key="sk-...ight",gen_ai_request_model="gpt-4o-mini",dimension="requests"} 3',
    );
    expect(metrics).not.toContain(tightKey);
    expect(metrics).not.toContain(roomyKey);
  });
});

describe("the control API", () => {
  it.each([
    { method: "GET", path: "nothing", status: 404 },
    { method: "POST", path: "health", status: 405 },
    { method: "OPTIONS", path: "reset", status: 204 },
    { method: "HEAD", path: "health", status: 200 },
    { method: "GET", path: "toString", status: 404 },
  ])("answers $status to $method $path", async ({ method, path, status }) => {
    const { control } = await mockUnderTest();
    const answer = await control(method, path);
    expect(answer.status).toBe(status);
    if (status === 405 || status === 204) expect(answer.headers.get("allow")).toBeTruthy();
  });

  it("keeps the keys that clients make up out of everything it says", async () => {
    const { chat, control, url } = await mockUnderTest();
    const secret = "sk-secret-0123456789-abcdefghijklmnop";
    const refused = await chat(marked("a"), { key: secret });
    const said = [
      await refused.text(),
      await (await control("GET", "journal")).text(),
      await (await control("GET", "ledger")).text(),
      await (await control("GET", "config")).text(),
      await (await fetch(`${url}/metrics`)).text(),
    ];
    for (const text of said) expect(text).not.toContain(secret);
  });
});
