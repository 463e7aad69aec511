/** The planning board's worker: checks and simulates candidates off the page's thread. */
import type { NamedFiles } from "../../behavior/scenario-input.ts";
import { invalidInput } from "../../core/errors.ts";
import { problemsOf, refusedOf, simulateCandidate } from "../board/candidate.ts";
import { pathBeside } from "../board/paths.ts";
import type { Answer, Job } from "../board/worker-messages.ts";

addEventListener("message", ({ data }: MessageEvent<Job>) => {
  // A bug goes to the page as the worker's error: nobody there would hear of a rejected promise.
  answerOf(data).then((answer) => postMessage(answer), reportError);
});

async function answerOf({ id, kind, candidate, squallVersion, key }: Job): Promise<Answer> {
  const files = filesBeside(candidate.name, key);
  const { signal } = new AbortController(); // whoever gives up ends the worker
  try {
    if (kind === "simulate") {
      return { id, kind: "simulated", simulated: await simulateCandidate(candidate, files, squallVersion, signal) };
    }
    const refused = await problemsOf(candidate, files, signal);
    return refused === undefined ? { id, kind: "checked" } : { id, kind: "refused", refused };
  } catch (cause) {
    return { id, kind: "refused", refused: refusedOf(cause) };
  }
}

/** The files of the server, seen from the folder of a scenario. */
function filesBeside(scenario: string, key: string): NamedFiles {
  const asked = async (name: string): Promise<Response> => {
    const address = `/file?${new URLSearchParams({ path: pathBeside(scenario, name) })}`;
    const response = await fetch(address, { headers: { "x-squall-key": key } }).catch((cause: unknown) => {
      throw invalidInput(`cannot read ${name}: the server does not answer`, {
        code: "file-unreadable",
        hint: "is squall serve still running?",
        cause,
      });
    });
    if (response.ok) return response;
    throw invalidInput(`cannot read ${name}: the server offers no such file beside ${scenario}`, {
      code: "file-unreadable",
      hint: "only files in the folder of the scenarios are offered",
    });
  };
  return {
    text: async (name, bytesMax) => {
      const response = await asked(name);
      const bytes = Number(response.headers.get("content-length"));
      if (bytes <= bytesMax) return await response.text();
      throw invalidInput(`${name} has ${bytes} bytes; allowed are ${bytesMax}`, { code: "file-too-large" });
    },
    pieces: async function* (name) {
      const { body } = await asked(name);
      if (body === null) return;
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
    },
  };
}
