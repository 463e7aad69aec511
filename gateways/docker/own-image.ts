/**
 * A gateway of the user's own, from an image: the `container` part of a gateway file.
 *
 *     container:
 *       image: my-gateway:dev
 *       port: 8000
 *       env: { OPENAI_BASE_URL: "{openai.base-url}", OPENAI_API_KEY: "{openai.key}" }
 *       versions: { v2: my-gateway:next }
 *     health: /health
 *
 * Addresses and keys of the scenario's providers go into its environment, where it takes its settings from: so a key can be
 * changed, replica by replica, and a route cannot, which is in the gateway's own code.
 */
import * as z from "zod";
import { invalidInput } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import type { GatewayCall, GatewayPolicy, Refusals, UpstreamProvider, UpstreamRoute } from "../driver.ts";
import { httpProbe } from "../http-probe.ts";
import { routeTable } from "../routes.ts";
import type { ContainerForm } from "./container-driver.ts";
import { ensureFetched } from "./image.ts";

export interface OwnImage {
  readonly image: string;
  /** Where it listens, inside, on every address. */
  readonly port: number;
  /** Where its OpenAI-compatible endpoints begin. */
  readonly path: string;
  readonly command: readonly string[] | undefined;
  /** With `{PROVIDER.base-url}` and `{PROVIDER.key}` where those are to be. */
  readonly env: Readonly<Record<string, string>>;
  readonly cpus: number | undefined;
  readonly memoryBytes: number | undefined;
  /** Images by the names that rollouts give them; empty: a rollout is of the same image under another name. */
  readonly versions: Readonly<Record<string, string>>;
}

const bytesOf: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, MiB: 2 ** 20, GiB: 2 ** 30 };
const memory = /^(\d+(?:\.\d+)?) ?(MB|GB|MiB|GiB)$/;
const imageName = z.string().regex(/^[\w][\w./:@-]*$/, "is to be the name of an image, such as my-gateway:dev");

export const ownImageSchema: z.ZodType<OwnImage> = z
  .strictObject({
    image: imageName,
    port: z.int().min(1).max(65_535),
    path: z
      .string()
      .regex(/^\/\S*$/, "is to be a path, such as /v1")
      .default("/v1"),
    command: z.array(z.string()).min(1).optional(),
    env: z.record(z.string().regex(/^[A-Za-z_]\w*$/, "is no name of a variable"), z.string()).default({}),
    cpus: z.number().positive().optional(),
    memory: z.string().regex(memory, "is to be a size, such as 512 MB or 1 GiB").optional(),
    versions: z.record(z.string().min(1), imageName).default({}),
  })
  .transform(({ memory: size, ...rest }) => ({
    ...rest,
    command: rest.command,
    cpus: rest.cpus,
    memoryBytes: size === undefined ? undefined : bytesIn(size),
  }));

/** What else the file says of a gateway. */
export interface OwnImageFile {
  readonly name: string;
  readonly container: OwnImage;
  readonly healthPath: string | undefined;
  readonly metricsPath: string | undefined;
  readonly callAt: (baseUrl: string, route: UpstreamRoute) => GatewayCall;
}

const probeTimeoutMs = 2_000;

export function ownImageInContainers(file: OwnImageFile): ContainerForm {
  const { name, container, healthPath, metricsPath, callAt } = file;
  const { image, port, path, command, env, cpus, memoryBytes, versions } = container;
  return {
    name,
    description: `${name} (${image})`,
    image: async (docker, version, how) => {
      const wanted = (version === undefined ? undefined : versions[version]) ?? image;
      // One that is not here is one that nobody here has built, or one that Docker fetches.
      await ensureFetched(docker, wanted, `build it first: docker build --tag ${wanted} .`, how);
      return wanted;
    },
    ...(Object.keys(versions).length === 0 ? {} : { versions: Object.keys(versions) }),
    port,
    command,
    cpus,
    memoryBytes,
    env: (policy) => {
      const filled = Object.entries(env).map(([key, value]) => [key, filledIn(value, providersOf(policy))] as const);
      return Object.fromEntries(filled);
    },
    isWell: async (origin) => {
      const answer = await httpProbe(`${origin}${healthPath ?? path}`, probeTimeoutMs);
      return healthPath === undefined ? answer !== undefined : answer?.status === 200;
    },
    callAt: (origin, policy) => routeTable(policy.routes, (route) => callAt(`${origin}${path}`, route)),
    ...(metricsPath === undefined ? {} : { metricsPath: () => metricsPath }),
    takesPolicyFromRequests: false,
    refusals: refusalsOf(name, env),
  };
}

function providersOf({ routes }: GatewayPolicy): ReadonlyMap<string, UpstreamProvider> {
  return new Map(routes.flatMap(({ providers }) => providers.map((provider) => [provider.name, provider] as const)));
}

/** Throws `gateway-file-invalid` for a provider that the scenario does not have. */
export function filledIn(value: string, providers: ReadonlyMap<string, UpstreamProvider>): string {
  return value.replaceAll(/\{([^{}\s]+)\.(base-url|key)\}/g, (_, name: string, what: string) => {
    const provider = providers.get(name);
    if (provider !== undefined) return what === "key" ? provider.apiKey : provider.baseUrl;
    throw invalidInput(`"${value}" names provider "${name}", to which nothing is routed`, {
      code: "gateway-file-invalid",
      hint: `providers with a route: ${[...providers.keys()].join(", ")}`,
      ...nearest(name, [...providers.keys()]),
    });
  });
}

function refusalsOf(name: string, env: OwnImage["env"]): Refusals {
  const routes = `where ${name} sends its requests is decided in its own code: it can be told of other keys, and of no other route`;
  const takesKeys = Object.values(env).some((value) => /\{[^{}\s]+\.key\}/.test(value));
  return {
    route: routes,
    "switch-model": routes,
    ...(takesKeys ? {} : { "rotate-key": `no variable of ${name} takes the key of a provider` }),
  };
}

function bytesIn(size: string): number {
  const [, number = "", unit = ""] = memory.exec(size) ?? [];
  return Math.round(Number(number) * (bytesOf[unit] ?? 1));
}
