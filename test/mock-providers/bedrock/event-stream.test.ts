import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { BedrockRuntimeClient, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventFrame, exceptionFrame, type StreamException } from "../../../mock-providers/bedrock/event-stream.ts";

describe("messages of an event stream", () => {
  it("frames an event as the vendor's codec does, byte for byte", () => {
    const frame = Buffer.from(eventFrame("messageStart")(`{"role":"assistant"}`), "latin1").toString("hex");
    expect(frame).toBe(
      "000000760000005296d5fade0b3a6576656e742d7479706507000c6d65737361676553746172740d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b22726f6c65223a22617373697374616e74227d6fa8c599",
    );
  });

  it("frames an exception with the sums that the vendor's codec computes", () => {
    const frame = Buffer.from(exceptionFrame("throttlingException", "slow"), "latin1");
    expect(frame).toHaveLength(131);
    expect(frame.readUInt32BE(8)).toBe(0xa9d144e5);
    expect(frame.readUInt32BE(127)).toBe(0x9350311c);
  });

  it("frames payloads longer than any before", () => {
    const payload = `{"bytes":"${"x".repeat(100_000)}"}`;
    const frame = Buffer.from(eventFrame("chunk")(payload), "latin1");
    expect(frame.readUInt32BE(0)).toBe(frame.length);
    expect(frame.toString("latin1", frame.length - payload.length - 4, frame.length - 4)).toBe(payload);
  });

  it.each<{ type: StreamException; name: string }>([
    { type: "internalServerException", name: "InternalServerException" },
    { type: "modelStreamErrorException", name: "ModelStreamErrorException" },
    { type: "serviceUnavailableException", name: "ServiceUnavailableException" },
    { type: "throttlingException", name: "ThrottlingException" },
    { type: "validationException", name: "ValidationException" },
  ])("lets the SDK throw a $name in the middle of a stream", async ({ type, name }) => {
    const delta = eventFrame("contentBlockDelta")(`{"contentBlockIndex":0,"delta":{"text":"Hi"}}`);
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
      response.end(delta + exceptionFrame(type, "broken"), "latin1");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const client = new BedrockRuntimeClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      requestHandler: new NodeHttpHandler(),
    });
    onTestFinished(() => client.destroy());
    const { stream } = await client.send(new ConverseStreamCommand({ modelId: "m", messages: [] }));
    const texts: string[] = [];
    const read = async (): Promise<void> => {
      for await (const event of stream ?? []) texts.push(event.contentBlockDelta?.delta?.text ?? "");
    };
    await expect(read()).rejects.toMatchObject({ name, message: "broken" });
    expect(texts).toEqual(["Hi"]);
  });
});
