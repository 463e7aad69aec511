import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { answerText } from "../../../behavior/prompt.ts";
import { hourlyKey, roomyKey, tightKey } from "../../mock-providers/mock-under-test.ts";
import { openAiUnderTest } from "./client.ts";
import { pythonSdk } from "../python-sdk.ts";

/** That of the facts in the doc comments of the dialect. */
const sdkVersion = "3.52.0";
const run = promisify(execFile);
const script = path.join(import.meta.dirname, "second_opinion.py");

describe("the Python SDK", () => {
  it("sees what the JavaScript SDK sees", { timeout: 60_000 }, async ({ skip }) => {
    const sdk = await pythonSdk("openai", sdkVersion);
    if (sdk.kind === "missing") {
      console.warn(`no second opinion of the Python SDK: ${sdk.why}`);
      return skip(sdk.why);
    }
    // Three in five seconds, on a clock fifty times as fast.
    const { openAi } = await openAiUnderTest({ timeScale: 50 });
    const { stdout } = await run(sdk.python, [script, openAi, roomyKey, tightKey, hourlyKey], { timeout: 30_000 });
    const words = answerText("c1")(0, 9);
    expect(JSON.parse(stdout)).toEqual({
      version: sdkVersion,
      whole: {
        text: words,
        finish: "stop",
        usage: [40, 9, 12],
        request_id: expect.stringMatching(/^req_[0-9a-f]{32}$/),
      },
      stream: { text: words, usage: 9 },
      tool: { finish: "tool_calls", arguments: ["city", "days"] },
      response: { text: words, status: "completed", tokens: 49 },
      response_stream: {
        types: [
          "response.created",
          "response.in_progress",
          "response.output_item.added",
          "response.reasoning_summary_part.added",
          "response.reasoning_summary_text.delta",
          "response.reasoning_summary_text.done",
          "response.reasoning_summary_part.done",
          "response.output_item.done",
          "response.output_item.added",
          "response.content_part.added",
          "response.output_text.delta",
          "response.output_text.done",
          "response.content_part.done",
          "response.output_item.done",
          "response.completed",
        ],
        items: ["reasoning", "message"],
      },
      retrieved: true,
      embedding: [8, 8],
      models: true,
      refused: {
        key: { class: "AuthenticationError", status: 401, code: "invalid_api_key", param: null },
        model: { class: "NotFoundError", status: 404, code: "model_not_found", param: null },
        value: { class: "BadRequestError", status: 400, code: "decimal_above_max_value", param: "temperature" },
        limit: { class: "RateLimitError", status: 429, code: "rate_limit_exceeded", param: null },
      },
      patient: 4,
    });
  });
});
