import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { answerText } from "../../../behavior/prompt.ts";
import { pythonSdk } from "../python-sdk.ts";
import { bedrockUnderTest, hourlyKey, roomyKey } from "./client.ts";

const sdkVersion = "1.44.5";
const run = promisify(execFile);
const script = path.join(import.meta.dirname, "second_opinion.py");

describe("Amazon's Python SDK", () => {
  it("sees what the JavaScript SDK sees, over HTTP/1.1 and signed", { timeout: 140_000 }, async ({ skip }) => {
    const sdk = await pythonSdk("boto3", sdkVersion);
    if (sdk.kind === "missing") {
      console.warn(`no second opinion of boto3: ${sdk.why}`);
      return skip(sdk.why);
    }
    const { url } = await bedrockUnderTest();
    const { stdout } = await run(sdk.python, [script, `${url}/bedrock`, roomyKey, hourlyKey], { timeout: 40_000 });
    const words = answerText("c1")(0, 9);
    const refused = (status: number, code: string): object => ({ class: expect.any(String), status, code });
    expect(JSON.parse(stdout)).toEqual({
      version: sdkVersion,
      whole: { text: words, stop: "end_turn", usage: [40, 9] },
      stream: {
        text: words,
        kinds: ["messageStart", "contentBlockDelta", "contentBlockStop", "messageStop", "metadata"],
      },
      tool: { stop: "tool_use", arguments: ["city"] },
      invoked: words,
      invoked_stream: words,
      refused: {
        key: refused(403, "UnrecognizedClientException"),
        secret: refused(403, "InvalidSignatureException"),
        model: refused(400, "ValidationException"),
        value: refused(400, "ValidationException"),
        limit: refused(429, "ThrottlingException"),
      },
    });
  });
});
