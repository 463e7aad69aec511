import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frontierOf } from "../../analyzers/frontier.ts";

const point = fc.record({ cost: fc.integer({ min: 0, max: 9 }), margin: fc.integer({ min: 0, max: 9 }) });

describe("the frontier", () => {
  it("holds exactly those that nobody beats", () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 30 }), (points) => {
        const isBeaten = (one: (typeof points)[number]): boolean =>
          points.some(
            (other) =>
              other.cost <= one.cost &&
              other.margin >= one.margin &&
              (other.cost < one.cost || other.margin > one.margin),
          );
        expect(new Set(frontierOf(points))).toEqual(new Set(points.filter((each) => !isBeaten(each))));
      }),
      { seed: 1 },
    );
  });
});
