/** Lines of a keyboard or a pipe, and the questions that they answer. */
import { PassThrough } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { terminalPrompt, type TerminalPrompt } from "../../../cli/drill/terminal-prompt.ts";

const never = new AbortController().signal;

function made(isTTY = false): {
  readonly input: PassThrough;
  readonly asked: () => string;
  readonly prompt: TerminalPrompt["prompt"];
} {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  const prompt = terminalPrompt({ input, output });
  onTestFinished(() => prompt.close());
  return { input, asked: () => String(output.read() ?? ""), prompt: prompt.prompt };
}

describe("a pipe", () => {
  it("answers one question a line, those included that are asked later", async () => {
    const { input, prompt, asked } = made();
    input.write("y\nn, too dear\n");
    expect(await prompt("first? ", never)).toBe("y");
    await setImmediate();
    expect(await prompt("second? ", never)).toBe("n, too dear");
    expect(asked()).toContain("first? ");
  });

  it("that has ended answers what it still holds, and then nobody answers", async () => {
    const { input, prompt } = made();
    input.end("y\n");
    expect(await prompt("first? ", never)).toBe("y");
    await expect(prompt("second? ", never)).rejects.toThrow("nobody answers");
    const open = made();
    const waiting = open.prompt("first? ", never);
    open.input.end();
    await expect(waiting).rejects.toThrow("nobody answers");
  });
});

describe("a keyboard", () => {
  it("answers no question with what was typed before it was asked", async () => {
    const { input, prompt } = made(true);
    const first = prompt("first? ", never);
    input.write("y\rn\r");
    expect(await first).toBe("y");
    await setImmediate();
    const second = prompt("second? ", never);
    await setImmediate();
    input.write("later\r");
    expect(await second).toBe("later");
  });
});

it("a question is withdrawn when the drill ends", async () => {
  const { prompt } = made();
  const stop = new AbortController();
  const waiting = prompt("first? ", stop.signal);
  stop.abort(new Error("it is over"));
  await expect(waiting).rejects.toThrow("it is over");
});
