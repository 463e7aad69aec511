/**
 * What Azure's content filter writes into every answer. Nothing is ever found: prompts are not judged here.
 *
 * Shapes and places as recorded from the service: a whole answer of 2025-09 (gpt-4.1) and a stream of 2026-02 (gpt-5.2-chat), both in
 * public repositories. A stream begins with an event that has no choices and carries the verdict on the prompt; events with
 * text carry one on the text, those without an empty one. Azure names no service tier.
 */
import type { ChatAdditions } from "../openai/chat-answer.ts";
import type { ResponseAdditions } from "../openai/response-answer.ts";

const safe = { filtered: false, severity: "safe" };
const textResults = { hate: safe, self_harm: safe, sexual: safe, violence: safe };
const promptResults = {
  hate: safe,
  jailbreak: { detected: false, filtered: false },
  self_harm: safe,
  sexual: safe,
  violence: safe,
};

export const contentFilterResults: ChatAdditions = {
  answer: () => "",
  prompt: `,"prompt_filter_results":${JSON.stringify([{ prompt_index: 0, content_filter_results: promptResults }])}`,
  text: `,"content_filter_results":${JSON.stringify(textResults)}`,
  noText: `,"content_filter_results":{}`,
};

/** Of a response the verdicts are there when it is done (huliang-microsoft in Azure/azure-rest-api-specs #42141). */
export const responseFilterResults: ResponseAdditions = {
  begun: { content_filters: null },
  done: {
    content_filters: [
      { blocked: false, source_type: "prompt", content_filter_results: promptResults },
      { blocked: false, source_type: "completion", content_filter_results: textResults },
    ],
  },
};
