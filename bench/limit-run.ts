/** A case of `limit-cases.ts` in virtual time: the same provider behavior that the mock plays, and no wire. */
import { createFaultSchedule } from "../behavior/faults/schedule.ts";
import { genaiPrices } from "../behavior/price/genai-prices.ts";
import type { ProviderAsk } from "../behavior/provider.ts";
import { createProvider } from "../behavior/provider-model.ts";
import { randomStream } from "../core/random.ts";
import { minuteMs } from "../core/time.ts";
import { answerTokens, callsPerMinute, type LimitCase, promptTokens } from "./limit-cases.ts";

/** Tokens that each minute admitted, as the limit counts them. */
export function admittedByMinute(limitCase: LimitCase, minutes: number): readonly number[] {
  const { provider: spec, countedTokens } = limitCase;
  const provider = createProvider({
    spec,
    accounts: [{ apiKey: "k", organization: "o", state: "active" }],
    random: randomStream(1),
    prices: genaiPrices(spec.dialect),
    faults: createFaultSchedule(),
    latencyScale: 1,
  });
  const perMinute = callsPerMinute(limitCase);
  return Array.from({ length: minutes }, (_, minute) => {
    let admitted = 0;
    for (let call = 0; call < perMinute; call++) {
      const nowMs = minute * minuteMs + (call * minuteMs) / perMinute;
      const decision = provider.begin(nowMs, askOf(limitCase, `r${minute}.${call}`));
      if (decision.kind !== "serve") continue;
      provider.finish(nowMs, decision.ticket, { outputTokens: answerTokens, wastedTokens: 0, completed: true });
      admitted += countedTokens;
    }
    return admitted;
  });
}

function askOf({ model, maxOutputTokens, dedicated }: LimitCase, requestKey: string): ProviderAsk {
  return {
    apiKey: "k",
    requestKey,
    attempt: 1,
    model,
    inputTokens: promptTokens,
    cachedTokens: 0,
    promptCharacters: promptTokens * 4,
    maxOutputTokens,
    outputTokens: answerTokens,
    stream: false,
    ...(dedicated === undefined ? {} : { capacity: "provisioned" }),
  };
}
