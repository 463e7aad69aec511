/**
 * Embeddings as every dialect makes them: drawn from the text, so that equal texts have equal vectors and different ones are
 * nearly orthogonal, and of length one, as the services' are.
 */
import { randomStream } from "../core/random.ts";

/** Independent normals have no preferred direction. */
export function unitVector(text: string, length: number): Float32Array {
  const random = randomStream(text);
  const vector = Float32Array.from({ length }, () => random.normal());
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / norm);
}
