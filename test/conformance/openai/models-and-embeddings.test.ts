import { describe, expect, it } from "vitest";
import { gathered, openAiUnderTest } from "./client.ts";

describe("models through the SDK", () => {
  it("are listed as configured, and found one by one", async () => {
    const { client } = await openAiUnderTest();
    const models = await gathered(client.models.list());
    expect(models.map((model) => model.id)).toContain("gpt-4o-mini");
    expect(await client.models.retrieve("gpt-4o-mini")).toMatchObject({
      id: "gpt-4o-mini",
      object: "model",
      created: 1_721_172_741,
      owned_by: "system",
    });
    await expect(client.models.retrieve("gpt-99")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
  });
});

describe("embeddings through the SDK", () => {
  it("come as base64 unasked and as floats when asked, the same numbers", async () => {
    const { client } = await openAiUnderTest();
    const request = { model: "text-embedding-3-small", input: ["one", "two"] };
    const packed = await client.embeddings.create(request);
    const plain = await client.embeddings.create({ ...request, encoding_format: "float" });
    expect(packed.data.map(({ index }) => index)).toEqual([0, 1]);
    expect(packed.data.map(({ embedding }) => embedding.length)).toEqual([1_536, 1_536]);
    expect(packed.data[0]?.embedding).toEqual(plain.data[0]?.embedding);
    expect(packed.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
  });

  it("have the length that was asked for and norm one; equal texts are equal, others are not alike", async () => {
    const { client } = await openAiUnderTest();
    const { data } = await client.embeddings.create({
      model: "text-embedding-3-large",
      input: ["same", "same", "other"],
      dimensions: 256,
    });
    const [first, second, other] = data.map(({ embedding }) => embedding);
    const dot = (left: readonly number[] = [], right: readonly number[] = []): number =>
      left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
    expect(first).toHaveLength(256);
    expect(dot(first, first)).toBeCloseTo(1, 5);
    expect(second).toEqual(first);
    expect(Math.abs(dot(first, other))).toBeLessThan(0.3);
  });

  it("are refused for a chat model, and for more dimensions than there are", async () => {
    const { client } = await openAiUnderTest();
    await expect(client.embeddings.create({ model: "gpt-4o", input: "x" })).rejects.toMatchObject({ status: 403 });
    const tooMany = client.embeddings.create({ model: "text-embedding-3-small", input: "x", dimensions: 1_537 });
    await expect(tooMany).rejects.toMatchObject({ status: 400, param: "dimensions" });
  });
});
