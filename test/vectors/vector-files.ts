/**
 * Reads reference vectors: gzipped JSON Lines, one case a line, streamed so that a file of any size fits.
 *
 * They lie in `$SQUALL_VECTORS_DIR`, by default in `../shared/vectors` beside the repository. Any file `*.jsonl.gz` below
 * it is read; which kind of case a line holds is told by the line, not by the name of its file.
 */
import { createReadStream, existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import type { HpaCalculationVector, HpaNormalizationVector, HpaSequenceVector } from "./hpa-forms.ts";
import type { KedaSequenceVector } from "./keda-vectors.ts";
import type { KpaSequenceVector, KpaWindowVector } from "./kpa-vectors.ts";

export type Vector =
  | { readonly kind: "hpa-calc"; readonly vector: HpaCalculationVector }
  | { readonly kind: "hpa-norm"; readonly vector: HpaNormalizationVector }
  | { readonly kind: "hpa-seq"; readonly vector: HpaSequenceVector }
  | { readonly kind: "keda-seq"; readonly vector: KedaSequenceVector }
  | { readonly kind: "kpa-seq"; readonly vector: KpaSequenceVector }
  | { readonly kind: "kpa-window"; readonly vector: KpaWindowVector };

const repository = path.resolve(import.meta.dirname, "../..");

export const vectorsFolder: string = path.resolve(repository, process.env["SQUALL_VECTORS_DIR"] ?? "../shared/vectors");

/** Every vector file below the folder, in order of name; undefined when there is no such folder. */
export function vectorFiles(): readonly string[] | undefined {
  if (!existsSync(vectorsFolder)) return undefined;
  return readdirSync(vectorsFolder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".jsonl.gz"))
    .toSorted();
}

export async function* readVectors(name: string): AsyncGenerator<Vector> {
  const unzipped = createReadStream(path.join(vectorsFolder, name)).pipe(createGunzip());
  for await (const line of createInterface({ input: unzipped, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== "") yield vectorOf(JSON.parse(line));
  }
}

/** The three controllers call their closed-loop cases `sequence`; what they start from tells them apart. */
function vectorOf(value: object): Vector {
  const family = "family" in value ? value.family : undefined;
  const has = (field: string): boolean => field in value;
  // The form of each case is written down in the README beside it; a case of another form fails its comparison.
  if (family === "replicaCalculation") return { kind: "hpa-calc", vector: value as HpaCalculationVector };
  if (family === "normalization") return { kind: "hpa-norm", vector: value as HpaNormalizationVector };
  if (family === "window") return { kind: "kpa-window", vector: value as KpaWindowVector };
  if (family === "sequence" && has("spec")) return { kind: "hpa-seq", vector: value as HpaSequenceVector };
  if (family === "sequence" && has("scaledObjectCreatedAtSeconds")) {
    return { kind: "keda-seq", vector: value as KedaSequenceVector };
  }
  if (family === "sequence" && has("readyPodsAtCreation")) {
    return { kind: "kpa-seq", vector: value as KpaSequenceVector };
  }
  throw new Error(`unknown kind of vector: ${JSON.stringify(value).slice(0, 200)}`);
}
