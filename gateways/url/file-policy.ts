/**
 * Any gateway described by a small file, for `--gateway ./my-gateway.yaml`:
 *
 *     base-url: http://127.0.0.1:8080/v1
 *     key-env: MY_GATEWAY_KEY
 *     headers: { x-team: squall }
 *     health: /health
 *     metrics: /metrics
 *     models: { gpt-4o-mini: production-chat }
 */
import * as z from "zod";
import { environmentNotReady, invalidInput } from "../../core/errors.ts";
import { mistakesOf, problemOf } from "../../core/scenario/problems.ts";
import { readYaml } from "../../core/scenario/yaml-document.ts";
import type { GatewayCall, UpstreamRoute } from "../driver.ts";
import { chatCompletionsUrl, firstProvider } from "../routes.ts";
import { gatewayBaseUrl } from "./policy.ts";

export interface GatewayFile {
  /** For messages: the name in the file, else the base URL. */
  readonly name: string;
  readonly baseUrl: string;
  /** Environment variable with the key; undefined: the key of a route's first provider is sent. */
  readonly keyVariable: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Path on the gateway's host that answers 200 while it serves; undefined: any answer will do. */
  readonly healthPath: string | undefined;
  readonly metricsPath: string | undefined;
  /** What the gateway calls a model, by the model's own name. */
  readonly models: Readonly<Record<string, string>>;
}

const path = z.string().regex(/^\/\S*$/, "is to be a path, such as /health");
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, "is no name of a header");

const schema = z.strictObject({
  name: z.string().min(1).optional(),
  "base-url": z.string().transform((text, context) => {
    try {
      return gatewayBaseUrl(text);
    } catch (cause) {
      context.issues.push({ code: "custom", message: cause instanceof Error ? cause.message : "", input: text });
      return z.NEVER;
    }
  }),
  "key-env": z
    .string()
    .regex(/^[A-Za-z_]\w*$/, "is to be the name of an environment variable")
    .optional(),
  headers: z.record(headerName, z.string().regex(/^[\t\x20-\x7e]*$/, "is to be visible ASCII")).optional(),
  health: path.optional(),
  metrics: path.optional(),
  models: z.record(z.string(), z.string().min(1)).optional(),
});

/** `file`: its name, for messages. Throws `gateway-file-invalid` with every problem found. */
export function parseGatewayFile(text: string, file: string): GatewayFile {
  const document = readYaml(text, file);
  const read = schema.safeParse(document.data, { reportInput: true });
  if (!read.success) {
    throw invalidInput(`${file} does not describe a gateway`, {
      code: "gateway-file-invalid",
      problems: mistakesOf(read.error.issues).map((mistake) => problemOf(mistake, document)),
      hint: "see docs/gateways.md, any gateway by a file",
    });
  }
  const { "base-url": baseUrl, "key-env": keyVariable, health, metrics } = read.data;
  return {
    name: read.data.name ?? baseUrl,
    baseUrl,
    keyVariable,
    headers: read.data.headers ?? {},
    healthPath: health,
    metricsPath: metrics,
    models: read.data.models ?? {},
  };
}

/** Throws `gateway-key-missing` when the variable that the file names is not set. */
export function fileCall(
  gateway: GatewayFile,
  route: UpstreamRoute,
  env: Readonly<Record<string, string | undefined>>,
): GatewayCall {
  const { baseUrl, keyVariable, headers, models } = gateway;
  const key = keyVariable === undefined ? firstProvider(route).apiKey : env[keyVariable];
  if (key === undefined || key === "") {
    throw environmentNotReady(`the key of ${gateway.name} is to be in ${keyVariable}, which is not set`, {
      code: "gateway-key-missing",
      hint: `export ${keyVariable}=…`,
    });
  }
  const model = Object.hasOwn(models, route.model) ? models[route.model] : undefined;
  return {
    url: chatCompletionsUrl(baseUrl),
    headers: { authorization: `Bearer ${key}`, ...headers },
    ...(model === undefined ? {} : { model }),
  };
}
