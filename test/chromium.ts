/** The Chromium that tests of pages use: one that is already there; `CHROMIUM_PATH` names one that is somewhere else. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const places = [
  process.env["CHROMIUM_PATH"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Undefined where there is none: tests of pages are skipped, and say so. */
export const chromiumPath: string | undefined = places.find((place) => place !== "" && existsSync(place));

export async function launchChromium(): Promise<Browser> {
  // Inside containers there is no user namespace for Chromium's own sandbox; the pages are ours and load nothing.
  return await chromium.launch({ executablePath: chromiumPath ?? "", args: ["--no-sandbox"] });
}
