import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import type { Docker } from "../../../gateways/docker/docker.ts";
import { ensureBuilt, ensureFetched } from "../../../gateways/docker/image.ts";

/** A daemon that has no image, fetches for ever, and builds until it is told to stop. */
function slowDocker(onWork: () => void): Docker {
  const image = {
    exists: () => Promise.resolve(false),
    pull: () => {
      onWork();
      return new Promise<void>(() => undefined);
    },
  };
  const buildImage = (_context: object, { abortSignal }: { readonly abortSignal: AbortSignal }): Promise<never> =>
    new Promise((_, reject) => {
      abortSignal.addEventListener("abort", () => reject(new Error("The operation was aborted")), { once: true });
      onWork();
    });
  const docker = {
    client: { image, container: { dockerode: { buildImage } } },
    kit: { ImageName: { fromString: (name: string) => name } },
  };
  return docker as unknown as Docker; // no more of it is asked for
}

function folders(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("squall-image-"));
}

describe("an image that nobody waits for any more", () => {
  it("is given up at once while it is fetched, for the reason that was given", async () => {
    const stop = new AbortController();
    const waiter = { onProgress: () => undefined, signal: stop.signal };
    const docker = slowDocker(() => setImmediate(() => stop.abort("SIGINT")));
    await expect(ensureFetched(docker, "large:latest", "build it", waiter)).rejects.toBe("SIGINT");
    await expect(ensureFetched(docker, "large:latest", "build it", waiter)).rejects.toBe("SIGINT");
  });

  it("is given up at once while it is built, and its folder is gone", async () => {
    const before = folders();
    const stop = new AbortController();
    const waiter = { onProgress: () => undefined, signal: stop.signal };
    const docker = slowDocker(() => setImmediate(() => stop.abort("SIGINT")));
    const recipe = { tag: "mine:1", dockerfile: "FROM large:latest\n", layOut: () => undefined };
    await expect(ensureBuilt(docker, recipe, waiter)).rejects.toBe("SIGINT");
    expect(folders().filter((name) => !before.includes(name))).toEqual([]);
  });
});
