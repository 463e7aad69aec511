/**
 * The messages of Google's generative API, by the names of their fields (@google/genai 3.1.0, dist/node/node.d.ts; ai.google.dev
 * /api/generate-content). What a mock does not act upon is not looked into.
 */
import { type FieldKind, listOf, type Message, messageOf, type OneOf } from "./proto-json.ts";

/** Package of the types that refusals name. */
const types = "type.googleapis.com/google.ai.generativelanguage.v1beta";

const schemaTypes = ["TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"];

const schema: FieldKind = messageOf(`${types}.Schema`, () => schemaFields);

const schemaFields: Message = {
  anyOf: listOf(schema),
  default: "any",
  description: "string",
  enum: listOf("string"),
  example: "any",
  format: "string",
  items: schema,
  maxItems: "int32",
  maxLength: "int32",
  maxProperties: "int32",
  maximum: "float",
  minItems: "int32",
  minLength: "int32",
  minProperties: "int32",
  minimum: "float",
  nullable: "bool",
  pattern: "string",
  properties: { kind: "map", of: schema },
  propertyOrdering: listOf("string"),
  required: listOf("string"),
  title: "string",
  type: { kind: "enum", type: `${types}.Schema.Type`, values: schemaTypes },
};

/** Of these a part has one (API reference, Part: union field `data`). */
const partData: OneOf = {
  name: "data",
  fields: [
    "text",
    "inlineData",
    "functionCall",
    "functionResponse",
    "fileData",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
  ],
};

const partFields: Message = {
  text: "string",
  thought: "bool",
  thoughtSignature: "string",
  functionCall: messageOf(`${types}.FunctionCall`, () => ({ name: "string", args: "struct", id: "string" })),
  functionResponse: messageOf(`${types}.FunctionResponse`, () => ({
    name: "string",
    response: "struct",
    id: "string",
    parts: "any",
    scheduling: "any",
    willContinue: "bool",
  })),
  inlineData: "any",
  fileData: "any",
  executableCode: "any",
  codeExecutionResult: "any",
  toolCall: "any",
  toolResponse: "any",
  videoMetadata: "any",
  audioTranscription: "any",
  mediaResolution: "any",
  mediaProcessing: "any",
  speechMetadata: "any",
  partMetadata: "any",
};

const part: FieldKind = messageOf(`${types}.Part`, () => partFields, partData);

export const content: FieldKind = messageOf(`${types}.Content`, () => ({ role: "string", parts: listOf(part) }));

const functionDeclaration = messageOf(`${types}.FunctionDeclaration`, () => ({
  name: "string",
  description: "string",
  parameters: schema,
  parametersJsonSchema: "any",
  response: schema,
  responseJsonSchema: "any",
  behavior: "string",
}));

const tool = messageOf(`${types}.Tool`, () => ({
  functionDeclarations: listOf(functionDeclaration),
  googleSearch: "any",
  googleSearchRetrieval: "any",
  googleMaps: "any",
  codeExecution: "any",
  computerUse: "any",
  urlContext: "any",
  fileSearch: "any",
  mcpServers: "any",
  retrieval: "any",
  enterpriseWebSearch: "any",
}));

const functionCallingModes = ["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"];

const toolConfig = messageOf(`${types}.ToolConfig`, () => ({
  functionCallingConfig: messageOf(`${types}.FunctionCallingConfig`, () => ({
    mode: { kind: "enum", type: `${types}.FunctionCallingConfig.Mode`, values: functionCallingModes },
    allowedFunctionNames: listOf("string"),
    streamFunctionCallArguments: "bool",
  })),
  retrievalConfig: "any",
  includeServerSideToolInvocations: "bool",
}));

const thinkingLevels = ["THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH"];

const thinkingConfig = messageOf(`${types}.ThinkingConfig`, () => ({
  includeThoughts: "bool",
  thinkingBudget: "int32",
  thinkingLevel: { kind: "enum", type: `${types}.ThinkingConfig.ThinkingLevel`, values: thinkingLevels },
}));

const generationConfig = messageOf(`${types}.GenerationConfig`, () => ({
  candidateCount: "int32",
  frequencyPenalty: "float",
  logprobs: "int32",
  maxOutputTokens: "int32",
  presencePenalty: "float",
  responseJsonSchema: "any",
  responseLogprobs: "bool",
  responseMimeType: "string",
  responseModalities: listOf("string"),
  responseSchema: schema,
  seed: "int32",
  stopSequences: listOf("string"),
  temperature: "float",
  thinkingConfig,
  topK: "float",
  topP: "float",
  audioTimestamp: "any",
  audioTranscriptionConfig: "any",
  enableAffectiveDialog: "any",
  enableEnhancedCivicAnswers: "any",
  imageConfig: "any",
  mediaResolution: "any",
  modelSelectionConfig: "any",
  responseFormat: "any",
  routingConfig: "any",
  speechConfig: "any",
  translationConfig: "any",
}));

export const generateContentFields: Message = {
  cachedContent: "string",
  contents: listOf(content),
  continuationToken: "string",
  generationConfig,
  labels: "struct",
  model: "string",
  modelArmorConfig: "any",
  safetySettings: "any",
  serviceTier: "any",
  store: "bool",
  systemInstruction: content,
  toolConfig,
  tools: listOf(tool),
};

/** The Gemini API's and Vertex AI's. */
export const cachedContentFields: Message = {
  contents: listOf(content),
  createTime: "string",
  displayName: "string",
  encryptionSpec: "any",
  expireTime: "string",
  model: "string",
  name: "string",
  systemInstruction: content,
  toolConfig,
  tools: listOf(tool),
  ttl: "string",
  updateTime: "string",
  usageMetadata: "any",
};

/** `generateContentRequest` counts what a whole request would take; Vertex AI has its fields beside `contents`. */
export const countTokensFields: Message = {
  contents: listOf(content),
  generateContentRequest: messageOf(`${types}.GenerateContentRequest`, () => generateContentFields),
  generationConfig,
  instances: "any",
  model: "string",
  systemInstruction: content,
  tools: listOf(tool),
};

/** `embedContentConfig` is Vertex AI's. */
export const embedContentFields: Message = {
  content,
  embedContentConfig: "any",
  model: "string",
  outputDimensionality: "int32",
  taskType: "string",
  title: "string",
};

export const batchEmbedFields: Message = {
  requests: listOf(messageOf(`${types}.EmbedContentRequest`, () => embedContentFields)),
};
