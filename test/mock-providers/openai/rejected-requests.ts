/** Bodies of chat completions that the service refuses, in its own words. */
import { chatBody } from "../mock-under-test.ts";

export interface Rejected {
  readonly body: unknown;
  readonly message: string;
  readonly param?: string | null;
  readonly code?: string | null;
  readonly status?: number;
}

const hi = chatBody("hi");

/** For what a single field says. */
export const rejected: readonly Rejected[] = [
  { body: "{", message: "We could not parse the JSON body of your request." },
  { body: "[]", message: "We could not parse the JSON body of your request." },
  { body: "null", message: "We could not parse the JSON body of your request." },
  { body: {}, message: "you must provide a model parameter" },
  { body: { model: "" }, message: "you must provide a model parameter" },
  {
    body: { model: 7 },
    message: "Invalid type for 'model': expected a string, but got an integer instead.",
    param: "model",
    code: "invalid_type",
  },
  {
    body: { model: "gpt-4o" },
    message: "Missing required parameter: 'messages'.",
    param: "messages",
    code: "missing_required_parameter",
  },
  {
    body: { model: "gpt-4o", messages: "hi" },
    message: "Invalid type for 'messages': expected an array of objects, but got a string instead.",
    param: "messages",
    code: "invalid_type",
  },
  {
    body: { model: "gpt-4o", messages: [] },
    message:
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    param: "messages",
    code: "empty_array",
  },
  {
    body: { model: "gpt-4o", messages: [null] },
    message: "Invalid type for 'messages[0]': expected an object, but got null instead.",
    param: "messages[0]",
    code: "invalid_type",
  },
  {
    body: { model: "gpt-4o", messages: [{ content: "hi" }] },
    message: "Missing required parameter: 'messages[0].role'.",
    param: "messages[0].role",
    code: "missing_required_parameter",
  },
  {
    body: { model: "gpt-4o", messages: [{ role: "human", content: "hi" }] },
    message:
      "Invalid value: 'human'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.",
    param: "messages[0].role",
    code: "invalid_value",
  },
  {
    body: { model: "gpt-4o", messages: [{ role: "user", content: {} }] },
    message:
      "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an object instead.",
    param: "messages[0].content",
    code: "invalid_type",
  },
  {
    body: { model: "gpt-4o", messages: [{ role: "user" }] },
    message: "Missing required parameter: 'messages[0].content'.",
    param: "messages[0].content",
    code: "missing_required_parameter",
  },
  {
    body: { model: "gpt-4o", messages: [{ role: "user", content: ["hi"] }] },
    message: "Invalid type for 'messages[0].content[0]': expected an object, but got a string instead.",
    param: "messages[0].content[0]",
    code: "invalid_type",
  },
  {
    body: { model: "gpt-4o", messages: [{ role: "user", content: [{ type: "text" }] }] },
    message: "Missing required parameter: 'messages[0].content[0].text'.",
    param: "messages[0].content[0].text",
    code: "missing_required_parameter",
  },
  {
    body: { ...hi, temperature: 2.5 },
    message: "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.",
    param: "temperature",
    code: "decimal_above_max_value",
  },
  {
    body: { ...hi, temperature: "warm" },
    message: "Invalid type for 'temperature': expected a decimal, but got a string instead.",
    param: "temperature",
    code: "invalid_type",
  },
  {
    body: { ...hi, top_p: -0.1 },
    message: "Invalid 'top_p': decimal below minimum value. Expected a value >= 0, but got -0.1 instead.",
    param: "top_p",
    code: "decimal_below_min_value",
  },
  {
    body: { ...hi, max_tokens: 0 },
    message: "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
    param: "max_tokens",
    code: "integer_below_min_value",
  },
  {
    body: { ...hi, max_completion_tokens: 1.5 },
    message: "Invalid type for 'max_completion_tokens': expected an integer, but got a decimal instead.",
    param: "max_completion_tokens",
    code: "invalid_type",
  },
  {
    body: { ...hi, max_tokens: 20_480 },
    message:
      "max_tokens is too large: 20480. This model supports at most 16384 completion tokens, whereas you provided 20480.",
    param: "max_tokens",
    code: "invalid_value",
  },
  {
    body: { ...hi, max_tokens: 5, max_completion_tokens: 5 },
    message: "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
    param: "max_tokens",
    code: "invalid_parameter_combination",
  },
  {
    body: { ...hi, n: 129 },
    message: "Invalid 'n': integer above maximum value. Expected a value <= 128, but got 129 instead.",
    param: "n",
    code: "integer_above_max_value",
  },
  {
    body: { ...hi, stream: "yes" },
    message: "Invalid type for 'stream': expected a boolean, but got a string instead.",
    param: "stream",
    code: "invalid_type",
  },
  {
    body: { ...hi, stream_options: { include_usage: true } },
    message: "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    param: "stream_options",
  },
  {
    body: { ...hi, stop: ["a", "b", "c", "d", "e"] },
    message:
      "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.",
    param: "stop",
    code: "array_above_max_length",
  },
  {
    body: { ...hi, model: "text-embedding-3-small" },
    message: "This is not a chat model and thus not supported in the v1/chat/completions endpoint.",
    param: "model",
    status: 404,
  },
];

/** A call that an assistant has made. */
export const call = { id: "call_1", type: "function", function: { name: "look", arguments: "{}" } };

const strict = (schema: object): object => ({
  ...hi,
  tools: [{ type: "function", function: { name: "f", strict: true, parameters: schema } }],
});
const asked = { role: "user", content: "hi" };
const called = { role: "assistant", content: null, tool_calls: [call] };
const open = { type: "object", properties: { a: { type: "object", properties: {}, required: [] } } };

/** What is wrong with roles, tools, formats and models that think. */
export const rejectedParts: readonly Rejected[] = [
  { body: { ...hi, foo: 1 }, message: "Unrecognized request argument supplied: foo" },
  {
    body: { ...hi, messages: [asked, { role: "tool", tool_call_id: "call_1", content: "x" }] },
    message:
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    param: "messages.[1].role",
  },
  {
    body: { ...hi, messages: [asked, called, { role: "tool", tool_call_id: "call_2", content: "x" }] },
    message: "Invalid parameter: messages with role 'tool' must be a response",
    param: "messages.[2].role",
  },
  {
    body: { ...hi, messages: [asked, called, asked] },
    message:
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_1",
    param: "messages",
  },
  { body: { ...hi, messages: [asked, called] }, message: "An assistant message with 'tool_calls'", param: "messages" },
  {
    body: { ...hi, messages: [asked, called, { role: "tool", content: "x" }] },
    message: "Missing required parameter: 'messages[2].tool_call_id'.",
    param: "messages[2].tool_call_id",
    code: "missing_required_parameter",
  },
  {
    body: { ...hi, messages: [asked, { role: "assistant", content: null }] },
    message: "Invalid value for 'content': expected a string, got null.",
    param: "messages.[1].content",
  },
  {
    body: { ...hi, messages: [{ role: "assistant", tool_calls: [{ ...call, function: { name: "f" } }] }] },
    message: "Missing required parameter: 'messages[0].tool_calls[0].function.arguments'.",
    param: "messages[0].tool_calls[0].function.arguments",
    code: "missing_required_parameter",
  },
  { body: { ...hi, tools: [] }, message: "Invalid 'tools': empty array.", param: "tools", code: "empty_array" },
  {
    body: { ...hi, tools: [{ type: "function", function: { name: "a b" } }] },
    message: "Invalid 'tools[0].function.name': string does not match pattern.",
    param: "tools[0].function.name",
    code: "invalid_value",
  },
  {
    body: { ...hi, tools: [{ type: "magic" }] },
    message: "Invalid value: 'magic'. Supported values are: 'function' and 'custom'.",
    param: "tools[0].type",
    code: "invalid_value",
  },
  {
    body: { ...hi, tool_choice: "required" },
    message: "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
    param: "tool_choice",
  },
  {
    body: { ...hi, tool_choice: "auto" },
    message: "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
    param: "tool_choice",
  },
  {
    body: strict(open),
    message:
      "Invalid schema for function 'f': In context=(), 'additionalProperties' is required to be supplied and to be false.",
    param: "tools[0].function.parameters",
    code: "invalid_function_parameters",
  },
  {
    body: strict({ ...open, additionalProperties: false }),
    message:
      "Invalid schema for function 'f': In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'a'.",
    param: "tools[0].function.parameters",
    code: "invalid_function_parameters",
  },
  {
    body: strict({ ...open, additionalProperties: false, required: ["a"] }),
    message: "Invalid schema for function 'f': In context=('properties', 'a'), 'additionalProperties' is required",
    param: "tools[0].function.parameters",
    code: "invalid_function_parameters",
  },
  {
    body: { ...hi, response_format: { type: "json_object" } },
    message: "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
    param: "messages",
  },
  {
    body: { ...hi, response_format: { type: "json_schema" } },
    message: "Missing required parameter: 'response_format.json_schema'.",
    param: "response_format.json_schema",
    code: "missing_required_parameter",
  },
  {
    body: {
      ...hi,
      response_format: { type: "json_schema", json_schema: { name: "x", strict: true, schema: { type: "array" } } },
    },
    message: `Invalid schema for response_format 'x': schema must be a JSON Schema of 'type: "object"', got 'type: "array"'.`,
    param: "response_format",
  },
  { body: { ...hi, reasoning_effort: "low" }, message: "Unrecognized request argument supplied: reasoning_effort" },
  {
    body: { ...hi, model: "o3", max_tokens: 5 },
    message:
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    param: "max_tokens",
    code: "unsupported_parameter",
  },
  {
    body: { ...hi, model: "gpt-5-mini", temperature: 0.1 },
    message:
      "Unsupported value: 'temperature' does not support 0.1 with this model. Only the default (1) value is supported.",
    param: "temperature",
    code: "unsupported_value",
  },
  {
    body: { ...hi, model: "o4-mini", stop: "x" },
    message: "Unsupported parameter: 'stop' is not supported with this model.",
    param: "stop",
    code: "unsupported_parameter",
  },
  {
    body: { ...hi, model: "o3", reasoning_effort: "minimal" },
    message:
      "Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. Supported values are: 'low', 'medium', and 'high'.",
    param: "reasoning_effort",
    code: "unsupported_value",
  },
  {
    body: { ...hi, top_logprobs: 2 },
    message: "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
    param: "top_logprobs",
  },
  {
    body: { ...hi, metadata: { a: 1 } },
    message: "Invalid type for 'metadata.a': expected a string, but got an integer instead.",
    param: "metadata.a",
    code: "invalid_type",
  },
];
