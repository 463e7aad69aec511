/**
 * The scripts of the pages: bundled when the package is built, or, in a checkout, from the sources when a page is first asked for.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { environmentNotReady } from "../../core/errors.ts";

export const pageScripts = ["console", "board", "board-worker"] as const;

export type PageScript = (typeof pageScripts)[number];

/** Where the sources lie in a checkout, and the bundles in a package. */
const folder = new URL("../../web/pages/", import.meta.url);

/** Reads or bundles each script once. Rejects with `pages-not-built`. */
export function pageFiles(): (script: PageScript) => Promise<string> {
  const known = new Map<PageScript, Promise<string>>();
  return (script) => {
    const text = known.get(script) ?? scriptText(script);
    known.set(script, text);
    text.catch(() => known.delete(script));
    return text;
  };
}

async function scriptText(script: PageScript): Promise<string> {
  const built = new URL(`${script}.js`, folder);
  return existsSync(built) ? await readFile(built, "utf8") : await bundlePage(script);
}

/** One file without imports. Needs the development dependencies. */
export async function bundlePage(script: PageScript): Promise<string> {
  const { rolldown } = await import("rolldown").catch((cause: unknown) => {
    throw environmentNotReady("the pages are not built, and what builds them is not installed", {
      code: "pages-not-built",
      hint: "npm install, with development dependencies",
      cause,
    });
  });
  const bundle = await rolldown({
    input: fileURLToPath(new URL(`${script}.ts`, folder)),
    platform: "browser",
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "esm", minify: true, codeSplitting: false });
  await bundle.close();
  return output[0].code;
}
