/** A front whose clients come to a cache of answers first, which asks it what nobody has asked before. */
import { fileURLToPath } from "node:url";
import { environmentNotReady } from "../../core/errors.ts";
import { type Ms, secondMs } from "../../core/time.ts";
import { endedByItself } from "../child/child-process.ts";
import { loopback } from "../child/loopback-port.ts";
import { startServer } from "../child/server-process.ts";
import type { Front } from "../haproxy/front.ts";
import { httpProbe } from "../http-probe.ts";
import { type AnswerCacheSettings, cachePath } from "./settings.ts";

export interface AnswerCacheStart extends Omit<AnswerCacheSettings, "port" | "targetPort"> {
  readonly readyTimeoutMs: Ms;
  readonly signal: AbortSignal;
}

export interface CachedFront {
  readonly front: Front;
  /** Everything that was kept is lost; answers how much that was. */
  readonly loseAnswers: () => Promise<number>;
}

const probeTimeoutMs: Ms = secondMs;
const controlTimeoutMs: Ms = 5 * secondMs;

/** The front is stopped along with its cache, and when that does not start. Throws as `startServer` does. */
export async function withAnswerCache(front: Front, start: AnswerCacheStart): Promise<CachedFront> {
  const { cache, seed, timeScale, readyTimeoutMs, signal } = start;
  const targetPort = Number(new URL(front.origin).port);
  try {
    const { child, port } = await startServer({
      name: "the cache of answers",
      commandFor: (candidate) => {
        const settings: AnswerCacheSettings = { port: candidate, targetPort, cache, seed, timeScale };
        return { command: process.execPath, args: [serverFile, JSON.stringify(settings)] };
      },
      probe: async (candidate) => (await httpProbe(urlOf(candidate), probeTimeoutMs))?.status === 200,
      port: 0,
      readyTimeoutMs,
      signal,
    });
    return {
      front: {
        ...front,
        description: `a cache of answers before ${front.description}`,
        origin: `http://${loopback}:${port}`,
        exited: Promise.race([front.exited, endedByItself(child)]),
        stop: async (deadlineMs) => {
          await child.stop(deadlineMs);
          await front.stop(deadlineMs);
        },
      },
      loseAnswers: () => loseAnswers(port),
    };
  } catch (cause) {
    await front.stop(readyTimeoutMs);
    throw cause;
  }
}

async function loseAnswers(port: number): Promise<number> {
  const signal = AbortSignal.timeout(controlTimeoutMs);
  const response = await fetch(urlOf(port), { method: "DELETE", signal }).catch((cause: unknown) => {
    throw environmentNotReady("the cache of answers did not answer", { code: "cache-silent", cause });
  });
  const { answers } = (await response.json()) as { readonly answers: number };
  return answers;
}

function urlOf(port: number): string {
  return `http://${loopback}:${port}${cachePath}`;
}

/** Beside this file: TypeScript in the source tree, JavaScript in the built package. */
const serverFile = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./server.ts" : "./server.js", import.meta.url),
);
