/** exp, ln, sin and cos: known bits, and on x64 those of `Math`, of which V8 has a port of the same algorithms. */
import { arch } from "node:process";
import { describe, expect, it } from "vitest";
import { cos, decimalExponent, exp, ln, sin } from "../../core/elementary.ts";
import { mix32, randomStream } from "../../core/random.ts";

const functions = { exp, log: ln, sin, cos } as const;
type Name = keyof typeof functions;
const names = Object.keys(functions) as Name[];

const edges: Readonly<Record<Name, readonly number[]>> = {
  exp: [
    0,
    -0,
    1,
    -1,
    2 ** -29,
    0.34657359,
    1.0397207,
    709.78,
    709.782712893384,
    709.79,
    710,
    -708,
    -740,
    -745.2,
    Number.NaN,
  ],
  log: [
    0,
    -0,
    -1,
    1,
    2,
    0.5,
    10,
    Math.SQRT2,
    1 + 2 ** -21,
    1 - 2 ** -30,
    2 + 2 ** -30,
    5e-324,
    1e-310,
    Number.MAX_VALUE,
    Number.NaN,
  ],
  sin: [0, -0, 2 ** -28, Math.PI / 4, Math.PI / 2, Math.PI, -Math.PI, 11, 22, 355, 100 * Math.PI, 104_348, 823_549],
  cos: [0, -0, 2 ** -28, 0.3, 0.79, Math.PI / 4, Math.PI / 2, Math.PI, -Math.PI, 11, 22, 355, 104_348, 823_549],
};
const infinities = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

/** Arguments as simulations have them, and far beyond. */
function* argumentsOf(name: Name): Generator<number> {
  yield* edges[name];
  if (name === "exp" || name === "log") yield* infinities;
  const random = randomStream(7).split(name);
  for (let draw = 0; draw < 200_000; draw++) {
    const spread = (random.uniform() - 0.5) * ([2, 20, 1_400][draw % 3] ?? 0);
    if (name === "exp") yield spread;
    else if (name === "log") yield draw % 2 === 0 ? random.uniform() : exp(spread);
    else yield draw % 2 === 0 ? 2 * Math.PI * random.uniform() : spread * 500;
  }
  // Close to multiples of a quarter turn almost all bits cancel.
  if (name === "sin" || name === "cos") {
    for (let count = 1; count < 2_000; count++) {
      for (let off = -2; off <= 2; off++) yield count * (Math.PI / 2) * (1 + off * Number.EPSILON);
    }
  }
}

describe.each(names)("%s", (name) => {
  it.skipIf(arch !== "x64")("has the bits of Math on x64", () => {
    let looked = 0;
    const differing: number[] = [];
    for (const x of argumentsOf(name)) {
      looked += 1;
      if (!Object.is(functions[name](x), Math[name](x))) differing.push(x);
    }
    expect(looked).toBeGreaterThan(200_000);
    expect(differing).toEqual([]);
  });
});

/** The bits of some thousand results as one number, as a machine with another processor or engine must have them. */
it.each([
  ["exp", -623_485],
  ["log", 2_057_237_780],
  ["sin", -1_652_064_316],
  ["cos", -1_328_406_833],
] as const)("%s has the same bits on every machine", (name, digest) => {
  const memory = new DataView(new ArrayBuffer(8));
  let seen = 0;
  let mixed = 0;
  for (const x of argumentsOf(name)) {
    if (++seen > 20_000) break;
    const result = functions[name](x);
    if (Number.isNaN(result)) continue; // it has many bits
    memory.setFloat64(0, result);
    mixed = mix32(mixed ^ memory.getInt32(0));
    mixed = mix32(mixed ^ memory.getInt32(4));
  }
  expect(mixed).toBe(digest);
});

it.each([
  [1, 0],
  [9.99e-5, -5],
  [0.001, -3],
  [999.9999999999999, 2],
  [1e21, 21],
])("the decimal exponent of %d is %d", (x, exponent) => {
  expect(decimalExponent(x)).toBe(exponent);
});
