/**
 * Holds our scaling controllers to reference vectors recorded from the upstream controllers' own code, all of them.
 *
 * `npm run vectors` runs only this. Point `SQUALL_VECTORS_DIR` at another folder of files of the same form to check those.
 */
import { isDeepStrictEqual } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { type Comparison, compareHpaCalculation, compareHpaNormalization, compareHpaSequence } from "./hpa-vectors.ts";
import { compareKedaSequence } from "./keda-vectors.ts";
import { compareKpaSequence, compareKpaWindow } from "./kpa-vectors.ts";
import { readVectors, type Vector, vectorFiles, vectorsFolder } from "./vector-files.ts";

/** Enough to see what is wrong; a wrong port fails by the thousand. */
const differencesShown = 5;

const kinds = ["hpa-calc", "hpa-norm", "hpa-seq", "keda-seq", "kpa-seq", "kpa-window"] as const;

const files = vectorFiles();
const checked = new Map<Vector["kind"], number>();
let comparisons = 0;

if (files === undefined) {
  console.log(`vectors not checked: no folder ${vectorsFolder}; name one with SQUALL_VECTORS_DIR`);
}

describe.skipIf(files === undefined)("the scaling controllers answer as upstream does", () => {
  it("finds vectors in the folder it was given", () => {
    expect(files, `no *.jsonl.gz below ${vectorsFolder}`).not.toHaveLength(0);
  });

  it.each(files ?? [])("in every case of %s", async (file) => {
    const differences: Comparison[] = [];
    let cases = 0;
    for await (const vector of readVectors(file)) {
      for (const comparison of compare(vector)) {
        comparisons += 1;
        if (!isDeepStrictEqual(comparison.actual, comparison.expected)) differences.push(comparison);
      }
      checked.set(vector.kind, (checked.get(vector.kind) ?? 0) + 1);
      cases += 1;
    }
    expect(cases, `${file} holds no case`).toBeGreaterThan(0);
    expect.soft(differences.length, "cases that differ").toBe(0);
    for (const { actual, expected, where } of differences.slice(0, differencesShown)) {
      expect.soft(actual, where).toEqual(expected);
    }
  });
});

afterAll(() => {
  const counts = kinds.map((kind) => `${kind} ${checked.get(kind) ?? 0}`).join(", ");
  console.log(`vectors checked: ${counts} (${comparisons} comparisons)`);
});

function compare({ kind, vector }: Vector): Iterable<Comparison> {
  switch (kind) {
    case "hpa-calc":
      return [compareHpaCalculation(vector)];
    case "hpa-norm":
      return [compareHpaNormalization(vector)];
    case "hpa-seq":
      return compareHpaSequence(vector);
    case "keda-seq":
      return compareKedaSequence(vector);
    case "kpa-seq":
      return compareKpaSequence(vector);
    case "kpa-window":
      return compareKpaWindow(vector);
    default:
      throw new Error(`unknown kind of vector: ${JSON.stringify(kind)}`);
  }
}
