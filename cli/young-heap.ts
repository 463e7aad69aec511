/**
 * The part of the heap in which objects are born.
 *
 * V8 doubles it, up to 64 MiB and as much again to copy into, whenever many objects outlive a collection. That pays for a program
 * whose memory grows; one that forgets every request within a second needs a few MiB for as long as it runs, and the rest
 * would only be touched and thrown away. A flag that V8 reads whenever it is about to grow that part, so it can be set while running.
 */
import v8 from "node:v8";

/** From now on it stays as large as it is. */
export function keepYoungHeapSmall(): void {
  v8.setFlagsFromString("--semi-space-growth-factor=1");
}
