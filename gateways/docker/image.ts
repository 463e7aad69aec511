/** Images: those that others made, fetched where they are not here, and those that Squall makes itself, found again by their tags. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { environmentNotReady } from "../../core/errors.ts";
import type { Docker } from "./docker.ts";

export interface ImageRecipe {
  /** Says what is in it: another content, another tag. */
  readonly tag: string;
  /** `FROM …` and so on. */
  readonly dockerfile: string;
  /** Puts what the Dockerfile copies into a folder. */
  readonly layOut: (folder: string) => void;
}

/** Whoever waits for an image: told of slow steps, and able to give up. */
export interface ImageWaiter {
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Fetches it unless it is here. Throws `image-missing` with `hint`, and the signal's reason at once: the daemon gives up what nobody
 * waits for any more.
 */
export async function ensureFetched(
  { client, kit }: Docker,
  image: string,
  hint: string,
  { onProgress, signal }: ImageWaiter,
): Promise<void> {
  const name = kit.ImageName.fromString(image);
  if (await client.image.exists(name)) return;
  onProgress(`fetching the image ${image} …`);
  const fetched = client.image.pull(name).catch((cause: unknown) => {
    throw environmentNotReady(`there is no image ${image} here, and it could not be fetched: ${String(cause)}`, {
      code: "image-missing",
      hint,
      cause,
    });
  });
  await unlessGivenUp(fetched, signal); // testcontainers cannot be told to stop
}

/** Builds it unless it is here. Throws `image-not-built` with what Docker says about it, and the signal's reason at once. */
export async function ensureBuilt(
  { client, kit }: Docker,
  { tag, dockerfile, layOut }: ImageRecipe,
  { onProgress, signal }: ImageWaiter,
): Promise<void> {
  if (await client.image.exists(kit.ImageName.fromString(tag))) return;
  onProgress(`building the image ${tag} …`);
  const folder = mkdtempSync(path.join(tmpdir(), "squall-image-"));
  try {
    layOut(folder);
    writeFileSync(path.join(folder, "Dockerfile"), dockerfile);
    await build(client.container.dockerode, folder, tag, signal);
    signal.throwIfAborted();
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw environmentNotReady(`the image ${tag} could not be built: ${why}`, {
      code: "image-not-built",
      hint: `see whether this machine has, or may fetch, the image that it begins with: ${dockerfile.split("\n", 1).join("")}`,
      cause,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The daemon's own build: that of testcontainers fetches its clean-up image first, and does not tell what went wrong. */
async function build(
  dockerode: Docker["client"]["container"]["dockerode"],
  folder: string,
  tag: string,
  abortSignal: AbortSignal,
): Promise<void> {
  const output = await dockerode.buildImage({ context: folder, src: readdirSync(folder) }, { t: tag, abortSignal });
  await new Promise<void>((resolve, reject) => {
    dockerode.modem.followProgress(output, (cause) => (cause === null ? resolve() : reject(cause)));
  });
}

/** What is still being done is left to itself. */
async function unlessGivenUp<Done>(work: Promise<Done>, signal: AbortSignal): Promise<Done> {
  signal.throwIfAborted();
  const { promise: givenUp, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([work, givenUp]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
