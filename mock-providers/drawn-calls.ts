/** Which tools an answer calls: one, or two different ones where several may be called at once. */
import type { RandomStream } from "../core/random.ts";

export interface DrawnCall<Tool> {
  readonly tool: Tool;
  /** Of its arguments. */
  readonly random: RandomStream;
  /** Its share of a wished length. */
  readonly wishedTokens: number | undefined;
}

/** `wishedTokens`: of all calls together; undefined: each is as long as it is. None are called of no tools. */
export function drawnCalls<Tool>(
  tools: readonly Tool[],
  parallel: boolean,
  random: RandomStream,
  wishedTokens: number | undefined,
): readonly DrawnCall<Tool>[] {
  if (tools.length === 0) return [];
  const first = random.integer(tools.length);
  const count = parallel && tools.length > 1 ? 1 + random.integer(2) : 1;
  return Array.from({ length: count }, (_, index) => {
    const tool = tools[(first + index) % tools.length];
    const share = wishedTokens === undefined ? undefined : sharedOut(wishedTokens, index, count);
    return tool === undefined ? [] : [{ tool, random: random.split(`call ${index}`), wishedTokens: share }];
  }).flat();
}

function sharedOut(tokens: number, index: number, count: number): number {
  const through = (parts: number): number => Math.floor((tokens * parts) / count);
  return through(index + 1) - through(index);
}
