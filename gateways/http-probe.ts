/**
 * One GET, to see whether a server is there.
 */
import type { Ms } from "../core/time.ts";

export interface ProbeAnswer {
  readonly status: number;
  /** Start of the body. */
  readonly text: string;
}

/** Characters of the body that are looked at. */
const textLengthMax = 1_000;

/** undefined: nothing answered in time. Never rejects. */
export async function httpProbe(url: string, timeoutMs: Ms): Promise<ProbeAnswer | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: "manual" });
    return { status: response.status, text: (await response.text()).slice(0, textLengthMax) };
  } catch {
    return undefined;
  }
}
