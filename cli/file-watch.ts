/**
 * Notices that a file has changed and is whole again.
 *
 * By looking, not by the system's notices: those miss files that are replaced (editors), behind symbolic links that are moved
 * (Kubernetes' ConfigMaps), and on network file systems. A file that is gone is between two versions and no change.
 */
import { stat } from "node:fs/promises";
import type { Ms } from "../core/time.ts";

/** How often it looks. A change counts once two looks in a row have found the same. */
const lookEveryMs: Ms = 250;

/** Calls back after each change, from now on until what is returned is called. */
export async function watchFile(file: string, onChange: () => void): Promise<() => void> {
  let known = await fingerprint(file);
  let last = known;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const look = async (): Promise<void> => {
    const found = await fingerprint(file);
    if (stopped) return;
    if (found !== undefined && found === last && found !== known) {
      known = found;
      onChange();
    }
    last = found;
    timer = setTimeout(() => void look(), lookEveryMs);
  };
  timer = setTimeout(() => void look(), lookEveryMs);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** Differs from one version to the next; undefined when there is no such file. */
async function fingerprint(file: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return undefined;
  }
}
