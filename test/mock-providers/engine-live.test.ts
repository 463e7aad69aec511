/** A model on GPUs of one's own, asked over HTTP: what a call waits for depends on the others. */
import { expect, it } from "vitest";
import { parseMockConfig } from "../../mock-providers/config.ts";
import type { JournalEntry } from "../../mock-providers/journal.ts";
import { mockUnderTest } from "./mock-under-test.ts";

/** What the journal says of that many streams of that many tokens, asked for at once, in the order of their first tokens. */
async function asked(engine: string, streams: number, tokens: number): Promise<readonly JournalEntry[]> {
  const config = `
providers:
  vllm: { dialect: openai, latency: { self-hosted: ${engine} }, models: { llama: {} } }
`;
  const { url, journal } = await mockUnderTest(parseMockConfig(config, "mock.yaml"));
  const ask = async (index: number): Promise<void> => {
    const content = `[sq l e${index} in=200 cached=0 out=${tokens}] Tell me`;
    const answer = await fetch(`${url}/vllm/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: "Bearer sk-squall-vllm" },
      body: JSON.stringify({ model: "llama", stream: true, messages: [{ role: "user", content }] }),
    });
    expect([answer.status, (await answer.text()).endsWith("data: [DONE]\n\n")]).toEqual([200, true]);
  };
  await Promise.all(Array.from({ length: streams }, (_, index) => ask(index)));
  const entries = await journal();
  return entries.toSorted((left, right) => (left.firstTokenMs ?? 0) - (right.firstTokenMs ?? 0));
}

it("an engine of one sequence serves one call after the other, streamed over HTTP", async () => {
  const entries = await asked("{ engine: vllm-llama-3.1-8b-h100, sequences: 1 }", 4, 20);
  expect(entries.map(({ outcome, outputTokens }) => [outcome, outputTokens])).toEqual(entries.map(() => ["ok", 20]));
  for (const [index, { firstTokenMs }] of entries.slice(1).entries()) {
    expect(firstTokenMs).toBeGreaterThanOrEqual(entries[index]?.endMs ?? Number.NaN);
  }
});

it("an engine of many sequences serves them together", async () => {
  const entries = await asked("vllm-llama-3.1-8b-h100", 4, 200);
  const firstEndMs = Math.min(...entries.map(({ endMs }) => endMs));
  expect(entries.filter(({ firstTokenMs }) => (firstTokenMs ?? Number.NaN) < firstEndMs)).toHaveLength(4);
});
