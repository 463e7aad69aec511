/**
 * A gateway for tests of fleets: a server in this process that says who it is and what it was sent. It answers when it is
 * told to, so a test decides what is in flight.
 */
import { createServer, type ServerResponse } from "node:http";
import type { GatewayPolicy, RunningGateway } from "../../../gateways/driver.ts";
import { testModel } from "../policies.ts";

export interface EchoGateway extends RunningGateway {
  readonly version: string;
  /** Answers whoever waits, and everybody after that at once. */
  readonly release: () => void;
  /** Requests without an answer. */
  readonly held: () => number;
  /** Ends by itself. */
  readonly crash: () => void;
  readonly isStopped: () => boolean;
}

export interface EchoOptions {
  readonly holds: boolean;
  /** Whether it takes its policy from each request. */
  readonly takesPolicy: boolean;
}

/** What it answers. */
export interface Echo {
  readonly port: number;
  readonly version: string;
  readonly route: string | undefined;
  readonly fleetHeader: string | undefined;
}

export async function echoGateway(
  policy: GatewayPolicy,
  version: string,
  { holds, takesPolicy }: EchoOptions,
): Promise<EchoGateway> {
  let isHolding = holds;
  let waiting: ServerResponse[] = [];
  let port = 0;
  const server = createServer((request, response) => {
    if (request.method === "GET") return void response.end("well");
    const route = request.headers["x-route"];
    const echo = { port, version, route, fleetHeader: request.headers["x-squall-model"] };
    request.resume().once("end", () => {
      response.setHeader("x-echo", JSON.stringify(echo));
      if (isHolding) waiting.push(response);
      else response.end(JSON.stringify(echo));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
  const { promise: exited, resolve: exit } = Promise.withResolvers<string>();
  let isStopped = false;
  const close = (): void => {
    isStopped = true;
    server.close();
    server.closeAllConnections();
  };
  const callUnder = ({ routes }: GatewayPolicy) => {
    const route = routes.map(({ providers }) => providers.map(({ name }) => name).join(" then ")).join();
    return (model: string) => {
      if (model !== testModel) throw new Error(`no route for model "${model}"`);
      return { url: `http://127.0.0.1:${port}/v1/chat/completions`, headers: { "x-route": route } };
    };
  };
  return {
    version,
    description: "echo 1.0",
    call: callUnder(policy),
    ...(takesPolicy ? { callUnder } : {}),
    healthy: () => Promise.resolve(!isStopped),
    usage: () => Promise.resolve({ cpuSeconds: 1.5, rssBytes: 1_000 }),
    exited,
    stop: () => Promise.resolve(close()),
    release: () => {
      isHolding = false;
      for (const response of waiting) response.end("released");
      waiting = [];
    },
    held: () => waiting.length,
    crash: () => {
      close();
      exit("echo ended by itself (exit code 7)");
    },
    isStopped: () => isStopped,
  };
}
