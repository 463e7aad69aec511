/** Images that Squall makes itself: built once, found again by their tags. */
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

/** Builds it unless it is there. Throws `image-not-built` with what Docker says about it. */
export async function ensureImage(
  { client, kit }: Docker,
  { tag, dockerfile, layOut }: ImageRecipe,
  onProgress: (text: string) => void,
): Promise<void> {
  if (await client.image.exists(kit.ImageName.fromString(tag))) return;
  onProgress(`building the image ${tag} …`);
  const folder = mkdtempSync(path.join(tmpdir(), "squall-image-"));
  try {
    layOut(folder);
    writeFileSync(path.join(folder, "Dockerfile"), dockerfile);
    await build(client.container.dockerode, folder, tag);
  } catch (cause) {
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
): Promise<void> {
  const output = await dockerode.buildImage({ context: folder, src: readdirSync(folder) }, { t: tag });
  await new Promise<void>((resolve, reject) => {
    dockerode.modem.followProgress(output, (cause) => (cause === null ? resolve() : reject(cause)));
  });
}
