/** What is sent. */
import { describe, expect, it } from "vitest";
import { chatMessages } from "../../../behavior/prompt.ts";
import { chatRequestBody } from "../../../load/native/chat-format.ts";
import { planned } from "../planned.ts";

describe("chatRequestBody", () => {
  it("asks for usage when it streams and sends the cap under its current name", () => {
    const request = planned({ stream: true, maxOutputTokens: 64 });
    expect(JSON.parse(chatRequestBody("load", request))).toEqual({
      model: "gpt-x",
      messages: chatMessages("load", request),
      max_completion_tokens: 64,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it("sends nothing about streams or caps when the plan has none", () => {
    const body: object = JSON.parse(chatRequestBody("baseline", planned({ stream: false })));
    expect(Object.keys(body)).toEqual(["model", "messages"]);
  });
});
