/**
 * Run as `node container-guard.ts LABEL` with an IPC channel to its parent, which closes when the parent ends, however it ends. Then
 * every container that carries the label is removed by force. Told `done` first, it ends and removes nothing.
 */
import { setTimeout as sleep } from "node:timers/promises";

/** One name and its value. */
export type GuardedLabel = Readonly<Record<string, string>>;

/** A container that was being made when the parent ended shows up a little later. */
const looks = 3;
const looksEveryMs = 1_000;

async function removeAll(label: GuardedLabel): Promise<void> {
  const { getContainerRuntimeClient } = await import("testcontainers");
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const filters = { label: Object.entries(label).map(([name, value]) => `${name}=${value}`) };
  for (let look = 0; look < looks; look++) {
    if (look > 0) await sleep(looksEveryMs);
    const found = await dockerode.listContainers({ all: true, filters });
    const removed = found.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true }));
    await Promise.allSettled(removed);
  }
}

function guard(label: GuardedLabel): void {
  process.once("message", () => process.exit(0));
  process.once("disconnect", () => {
    void removeAll(label).finally(() => process.exit(0));
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
}

const [text] = process.argv.slice(2);
if (text !== undefined && process.send !== undefined) guard(JSON.parse(text) as GuardedLabel);
