/** Instants of a drill as people read them. */
import type { Ms } from "../../core/time.ts";

/** `4:05` since the load began, `1:04:05` from an hour on. */
export function clock(atMs: Ms): string {
  const seconds = Math.floor(atMs / 1_000);
  const pad = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
  return hours === 0 ? `${minutes}:${pad(seconds % 60)}` : `${hours}:${pad(minutes)}:${pad(seconds % 60)}`;
}
