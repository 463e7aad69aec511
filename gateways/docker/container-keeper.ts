/**
 * Keeps containers from outliving this process, however it ends.
 *
 * A container belongs to the daemon and not to whoever asked for it. As long as one exists a small process
 * (container-guard.ts) watches this one, and removes whatever carries its label should it be gone. testcontainers has a
 * container of its own for that, which comes from a registry of images; this one comes along.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { GuardedLabel } from "./container-guard.ts";

/** Answers what is to be called when a container is made, whose answer is to be called when it is gone. */
export function guardContainers(label: GuardedLabel): () => () => void {
  let held = 0;
  let letGo: () => void = () => undefined;
  return () => {
    if (held++ === 0) letGo = startGuard(label);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      if (--held === 0) letGo();
    };
  };
}

function startGuard(label: GuardedLabel): () => void {
  const guard = spawn(process.execPath, [guardFile, JSON.stringify(label)], {
    detached: true, // Ctrl-C in a terminal is not for it
    windowsHide: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  // Without a guard the containers are removed in order all the same.
  guard.once("error", () => undefined);
  guard.unref();
  guard.channel?.unref();
  return () => {
    if (guard.connected) guard.send("done", () => undefined);
  };
}

/** Beside this file: TypeScript in the source tree, JavaScript in the built package. */
const guardFile = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./container-guard.ts" : "./container-guard.js", import.meta.url),
);
