/** Any world, with a note of what users got taken every quarter minute on the way, for the review. */
import { minuteMs, type Ms, secondMs } from "../../core/time.ts";
import type { SliSample } from "../../runbooks/engine/review-sections.ts";
import type { World } from "../../runbooks/engine/world.ts";

const everyMs: Ms = 15 * secondMs;

export interface SampledWorld {
  readonly world: World;
  readonly samples: () => readonly SliSample[];
}

/** `before`: what is known of the time before a crash. */
export function sampledWorld(
  world: World,
  before: readonly SliSample[],
  onSample?: (sample: SliSample) => void,
): SampledWorld {
  const samples: SliSample[] = [...before];
  return {
    samples: () => samples,
    world: {
      ...world,
      advanceTo: async (untilMs, signal) => {
        const end = await world.advanceTo(untilMs, signal);
        const atMs = world.nowMs();
        if (atMs - (samples.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= everyMs) {
          const errors = await world.measure("errors", minuteMs, undefined);
          const ttftP95Ms = await world.measure("ttft.p95", minuteMs, undefined);
          const sample = { atMs, errors, ttftP95Ms };
          samples.push(sample);
          onSample?.(sample);
        }
        return end;
      },
    },
  };
}
