/** The body of a planned request, as every OpenAI client would send it to a target that calls the model `model`. */
import { chatMessages } from "../../behavior/prompt.ts";
import type { PlannedRequest } from "../../behavior/workload.ts";
import { chatBody } from "../../core/chat-completion.ts";
import type { PhaseName } from "../../core/record.ts";

export function chatRequestBody(phase: PhaseName, planned: PlannedRequest, model: string = planned.model): string {
  return chatBody({ ...planned, model }, chatMessages(phase, planned));
}
