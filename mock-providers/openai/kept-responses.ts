/**
 * Responses that have been stored: read, listed by their input, deleted (openai 7.55.0, resources/responses).
 *
 *     GET    /v1/responses/{id}               GET   /v1/responses/{id}/input_items
 *     DELETE /v1/responses/{id}               POST  /v1/responses/{id}/cancel
 */
import type { KeptAnswers } from "../kept-items.ts";
import { type ApiError, invalidRequest } from "./errors.ts";

/** What is asked of a stored response. */
export type KeptResponseAsk = "retrieve" | "delete" | "input items" | "cancel";

export type KeptResponseAnswer =
  | { readonly ok: true; readonly body: string }
  | { readonly ok: false; readonly error: ApiError };

const asks: Readonly<Record<string, KeptResponseAsk>> = {
  "GET ": "retrieve",
  "DELETE ": "delete",
  "GET input_items": "input items",
  "POST cancel": "cancel",
};

/** What a method asks of what follows the id in a path; undefined when there is no such thing. */
export function keptResponseAsk(method: string, rest: string): KeptResponseAsk | undefined {
  return asks[`${method} ${rest}`];
}

export function answerKeptResponse(
  kept: KeptAnswers,
  organization: string,
  ask: KeptResponseAsk,
  id: string,
  query: URLSearchParams,
): KeptResponseAnswer {
  const answer = kept.get(id, organization);
  if (answer === undefined) return { ok: false, error: notFound(id) };
  switch (ask) {
    case "retrieve":
      // Of a stream nothing is kept but its end.
      return query.get("stream") === "true"
        ? {
            ok: false,
            error: invalidRequest("Streaming a stored response is only possible for background responses.", "stream"),
          }
        : { ok: true, body: answer.body };
    case "delete":
      kept.delete(id, organization);
      return { ok: true, body: JSON.stringify({ id, object: "response", deleted: true }) };
    case "input items":
      return { ok: true, body: itemPage(id, answer.input, query) };
    case "cancel":
      return { ok: false, error: notInBackground };
  }
}

/** Public error texts. */
function notFound(id: string): ApiError {
  return { ...invalidRequest(`Response with id '${id.slice(0, 128)}' not found.`), status: 404 };
}

/** vllm-project/vllm #57999 and others, who repeat the service's text. */
const notInBackground: ApiError = invalidRequest("Cannot cancel a synchronous response.");

const itemsPerPage = 20;
const itemsPerPageMax = 100;

/** A cursor page, newest first unless asked otherwise (API reference, responses, list input items). */
function itemPage(id: string, input: readonly string[], query: URLSearchParams): string {
  const named = input.map((item, index) => {
    const itemName = `msg_${id.slice("resp_".length)}${index}`;
    return { itemName, json: `{"id":"${itemName}",${item.slice(1)}` };
  });
  const ordered = query.get("order") === "asc" ? named : named.toReversed();
  const after = query.get("after");
  const from = after === null ? 0 : ordered.findIndex(({ itemName }) => itemName === after) + 1;
  const asked = Number(query.get("limit") ?? itemsPerPage);
  const limit = Number.isInteger(asked) && asked >= 1 ? Math.min(asked, itemsPerPageMax) : itemsPerPage;
  const page = ordered.slice(from, from + limit);
  const edge = (item: { readonly itemName: string } | undefined): string =>
    item === undefined ? "null" : `"${item.itemName}"`;
  const data = page.map(({ json }) => json.replaceAll(/[\u0080-\uffff]/g, escaped)).join(",");
  return `{"object":"list","data":[${data}],"first_id":${edge(page[0])},"last_id":${edge(page.at(-1))},"has_more":${from + limit < ordered.length}}`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
