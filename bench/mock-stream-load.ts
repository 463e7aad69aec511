/**
 * The clients of `mock-streams.ts`, in a process of their own: streams on plain sockets, the instant of every content event
 * noted. What the mock has planned is known here too: the behavior draws the same plan for the same seed and key.
 */
import { connect } from "node:net";
import { genaiPrices } from "../behavior/price/genai-prices.ts";
import { createFaultSchedule } from "../behavior/faults/schedule.ts";
import { createProvider } from "../behavior/provider-model.ts";
import type { ResponsePlan } from "../behavior/provider.ts";
import { randomStream } from "../core/random.ts";
import { defaultMockConfig } from "../mock-providers/config.ts";

export interface StreamOrder {
  readonly port: number;
  readonly streams: number;
  /** Content events of each stream. */
  readonly events: number;
  /** As given to the mock. */
  readonly latencyScale: number;
  /** Arrivals are spread evenly over this time. */
  readonly spreadMs: number;
}

export interface StreamReport {
  readonly events: number;
  readonly wallMs: number;
  /** Median over all gaps of the measured gap as a share of the planned one. */
  readonly gapShareMedian: number;
  readonly plannedGapMedianMs: number;
  /** Streams that did not arrive whole. */
  readonly broken: number;
}

const contentEvent = '"delta":{"content":"';

/** The plan that the mock's provider draws for this key. */
function planner(latencyScale: number): (key: string, events: number) => ResponsePlan {
  const config = defaultMockConfig();
  const spec = config.providers.find(({ name }) => name === "openai");
  if (spec === undefined) throw new Error("the default configuration has OpenAI");
  const provider = createProvider({
    spec,
    accounts: spec.keys,
    random: randomStream(config.seed),
    prices: genaiPrices(spec.dialect),
    faults: createFaultSchedule(),
    latencyScale,
  });
  return (key, events) => {
    const decision = provider.begin(0, {
      apiKey: "sk-squall-openai",
      requestKey: key,
      attempt: 1,
      model: "gpt-4o-mini",
      inputTokens: 10,
      cachedTokens: 0,
      promptCharacters: 1,
      maxOutputTokens: undefined,
      outputTokens: events,
      stream: true,
    });
    if (decision.kind !== "serve") throw new Error(`not served: ${decision.kind}`);
    return decision.plan;
  };
}

/** Keys and plans of as many streams, without the few that wait long for their first token: all are to run at once. */
function promptPlans(
  latencyScale: number,
  streams: number,
  events: number,
): readonly { readonly key: string; readonly plan: ResponsePlan }[] {
  const planOf = planner(latencyScale);
  const plans: { readonly key: string; readonly plan: ResponsePlan }[] = [];
  for (let number = 0; plans.length < streams; number++) {
    const plan = planOf(`s${number}`, events);
    if (plan.ttftMs < 1_000 * latencyScale) plans.push({ key: `s${number}`, plan });
  }
  return plans;
}

function requestText(key: string, events: number): string {
  const content = `[sq l ${key} in=10 cached=0 out=${events}] x`;
  const body = JSON.stringify({ model: "gpt-4o-mini", stream: true, messages: [{ role: "user", content }] });
  const head = [
    "POST /openai/v1/chat/completions HTTP/1.1",
    "host: 127.0.0.1",
    "authorization: Bearer sk-squall-openai",
    "content-type: application/json",
    `content-length: ${body.length}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** The instants of one stream's content events; its socket closes when the stream is done or broken. */
function readStream(port: number, request: string): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const atMs: number[] = [];
    let rest = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(request, "latin1"));
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.on("data", (part: string) => {
      const nowMs = performance.now();
      const text = rest + part;
      let from = text.indexOf(contentEvent);
      let end = 0;
      for (; from !== -1; from = text.indexOf(contentEvent, end)) {
        atMs.push(nowMs);
        end = from + contentEvent.length;
      }
      rest = text.slice(Math.max(end, text.length - contentEvent.length + 1));
      if (text.includes("data: [DONE]")) socket.end();
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve(atMs));
  });
}

async function load(order: StreamOrder): Promise<StreamReport> {
  const { port, streams, events, latencyScale, spreadMs } = order;
  const plans = promptPlans(latencyScale, streams, events);
  const beganMs = performance.now();
  const all = plans.map(async ({ key }, index) => {
    await new Promise((resolve) => setTimeout(resolve, (index / streams) * spreadMs));
    return await readStream(port, requestText(key, events));
  });
  const instants = await Promise.all(all);
  const wallMs = performance.now() - beganMs;
  const shares: number[] = [];
  const planned: number[] = [];
  for (const [index, atMs] of instants.entries()) {
    const plan = plans[index]?.plan;
    if (plan === undefined) continue;
    for (let event = 1; event < atMs.length; event++) {
      const plannedMs = plan.chunkAtMs(event) - plan.chunkAtMs(event - 1);
      planned.push(plannedMs);
      shares.push(((atMs[event] ?? 0) - (atMs[event - 1] ?? 0)) / plannedMs);
    }
  }
  return {
    events: instants.reduce((sum, atMs) => sum + atMs.length, 0),
    wallMs,
    gapShareMedian: median(shares),
    plannedGapMedianMs: median(planned),
    broken: instants.filter((atMs) => atMs.length !== events).length,
  };
}

function median(values: number[]): number {
  values.sort((left, right) => left - right);
  return values[values.length >> 1] ?? Number.NaN;
}

process.on("message", (order: StreamOrder) => {
  void load(order).then((report) => process.send?.(report));
});
