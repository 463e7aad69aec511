/**
 * `squall/testcontainers`: the mock as a container, for tests in which what calls the provider runs in containers too.
 *
 *     const squall = await new SquallContainer("squall:dev").withConfig({ providers: … }).start();
 *     new OpenAI({ baseURL: squall.openai.baseUrl, apiKey: squall.openai.apiKey });
 *
 * The image is built by `npm run image`.
 */
import { AbstractStartedContainer, GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import type { ReadyMessage, ReadyProvider } from "../ready-message.ts";

export type { ReadyProvider };

/** What `npm run image` builds when it is given no other name. */
const defaultImage = "squall:latest";

/** The mock's port inside the container. */
const mockPort = 9_100;

const configPath = "/etc/squall/mock.yaml";

/** Start-up takes a second or two; a busy machine gets more. */
const startWithinMs = 60_000;

/** Set up with `with…`, as every container of testcontainers is. */
export class SquallContainer extends GenericContainer {
  #options: readonly string[] = [];

  constructor(image: string = defaultImage) {
    super(image);
    this.withExposedPorts(mockPort)
      .withWaitStrategy(Wait.forHttp("/_squall/ready", mockPort))
      .withStartupTimeout(startWithinMs);
  }

  /** As `squall mock --config` takes it: YAML, or the same as an object. */
  withConfig(config: string | Readonly<Record<string, unknown>>): this {
    const content = typeof config === "string" ? config : JSON.stringify(config);
    this.#options = [...this.#options, "--config", configPath];
    return this.withCopyContentToContainer([{ content, target: configPath }]);
  }

  /** Same seed, same answers. */
  withSeed(seed: number): this {
    this.#options = [...this.#options, "--seed", String(seed)];
    return this;
  }

  /** Multiplies every planned time; 0 answers at once. */
  withLatencyScale(factor: number): this {
    this.#options = [...this.#options, "--latency-scale", String(factor)];
    return this;
  }

  override async start(): Promise<StartedSquallContainer> {
    this.withCommand(["mock", "--host", "0.0.0.0", "--port", String(mockPort), ...this.#options]);
    const started = await super.start();
    const url = `http://${started.getHost()}:${started.getMappedPort(mockPort)}`;
    const answer = await fetch(`${url}/_squall/providers`);
    const { providers }: ReadyMessage = JSON.parse(await answer.text());
    return new StartedSquallContainer(started, url, providers);
  }
}

/** Addresses are those for programs on this machine; in the containers' network the mock listens on its alias and port 9100. */
export class StartedSquallContainer extends AbstractStartedContainer {
  readonly url: string;
  readonly #providers: Readonly<Record<string, ReadyProvider>>;

  constructor(started: StartedTestContainer, url: string, providers: Readonly<Record<string, ReadyProvider>>) {
    super(started);
    this.url = url;
    this.#providers = providers;
  }

  get openai(): ReadyProvider {
    return this.provider("openai");
  }

  get azureOpenai(): ReadyProvider {
    return this.provider("azure-openai");
  }

  get anthropic(): ReadyProvider {
    return this.provider("anthropic");
  }

  get bedrock(): ReadyProvider {
    return this.provider("bedrock");
  }

  get gemini(): ReadyProvider {
    return this.provider("gemini");
  }

  get vertex(): ReadyProvider {
    return this.provider("vertex");
  }

  /** By the name that the configuration gives it. Errors: a name that it does not give. */
  provider(name: string): ReadyProvider {
    const known = this.#providers[name];
    if (known !== undefined) return known;
    throw new Error(`the mock serves no provider "${name}"; it serves ${Object.keys(this.#providers).join(", ")}`);
  }
}
