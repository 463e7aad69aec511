/**
 * Any gateway described by a small file, for `--gateway ./my-gateway.yaml`:
 *
 *     base-url: http://127.0.0.1:8080/v1
 *     key-env: MY_GATEWAY_KEY
 *     headers: { x-team: squall }
 *     health: /health
 *     metrics: /metrics
 *     models: { gpt-4o-mini: production-chat }
 *
 * In place of `base-url`, `container` says from which image Squall is to start it (`docker/own-image.ts`); beside it, `kubernetes` says
 * which Deployment is behind that address (`kubernetes/deployment-file.ts`).
 */
import * as z from "zod";
import { environmentNotReady, invalidInput } from "../../core/errors.ts";
import { mistakesOf, problemOf } from "../../core/scenario/problems.ts";
import { readYaml } from "../../core/scenario/yaml-document.ts";
import type { GatewayCall, UpstreamRoute } from "../driver.ts";
import { type OwnImage, ownImageSchema } from "../docker/own-image.ts";
import { type DeploymentFile, deploymentSchema } from "../kubernetes/deployment-file.ts";
import { chatCompletionsUrl, firstProvider } from "../routes.ts";
import { gatewayBaseUrl } from "./policy.ts";

export interface GatewayFile {
  /** For messages: the name in the file, else the base URL or the image. */
  readonly name: string;
  readonly where: GatewayPlace;
  /** Environment variable with the key; undefined: the key of a route's first provider is sent. */
  readonly keyVariable: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Path on the gateway's host that answers 200 while it serves; undefined: any answer will do. */
  readonly healthPath: string | undefined;
  readonly metricsPath: string | undefined;
  /** What the gateway calls a model, by the model's own name. */
  readonly models: Readonly<Record<string, string>>;
}

export type GatewayPlace =
  /** It runs already. */
  | { readonly kind: "url"; readonly baseUrl: string; readonly deployment: DeploymentFile | undefined }
  | { readonly kind: "container"; readonly container: OwnImage };

const path = z.string().regex(/^\/\S*$/, "is to be a path, such as /health");
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~\w-]+$/, "is no name of a header");

const baseUrl = z.string().transform((text, context) => {
  try {
    return gatewayBaseUrl(text);
  } catch (cause) {
    context.issues.push({ code: "custom", message: cause instanceof Error ? cause.message : "", input: text });
    return z.NEVER;
  }
});

const described = z.strictObject({
  name: z.string().min(1).optional(),
  "base-url": baseUrl.optional(),
  container: ownImageSchema.optional(),
  kubernetes: deploymentSchema.optional(),
  "key-env": z
    .string()
    .regex(/^[A-Za-z_]\w*$/, "is to be the name of an environment variable")
    .optional(),
  headers: z.record(headerName, z.string().regex(/^[\t\x20-\x7e]*$/, "is to be visible ASCII")).optional(),
  health: path.optional(),
  metrics: path.optional(),
  models: z.record(z.string(), z.string().min(1)).optional(),
});

/** One place, and no other. */
const schema = described.transform(({ "base-url": at, container, kubernetes, ...rest }, context) => {
  const wrong = (message: string): never => {
    context.issues.push({ code: "custom", message, input: at });
    return z.NEVER;
  };
  if (container !== undefined) {
    if (at !== undefined || kubernetes !== undefined) return wrong("has `container`, and then no other place");
    return { ...rest, place: { kind: "container", container } as const };
  }
  if (at === undefined) return wrong("needs `base-url`, where it runs, or `container`, from which it is started");
  return { ...rest, place: { kind: "url", baseUrl: at, deployment: kubernetes } as const };
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
  const { "key-env": keyVariable, health, metrics, place } = read.data;
  return {
    name: read.data.name ?? (place.kind === "url" ? place.baseUrl : place.container.image),
    where: place,
    keyVariable,
    headers: read.data.headers ?? {},
    healthPath: health,
    metricsPath: metrics,
    models: read.data.models ?? {},
  };
}

/** `baseUrl`: where it is found. Throws `gateway-key-missing` when the variable that the file names is not set. */
export function fileCall(
  gateway: GatewayFile,
  baseUrl: string,
  route: UpstreamRoute,
  env: Readonly<Record<string, string | undefined>>,
): GatewayCall {
  const { keyVariable, headers, models } = gateway;
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
