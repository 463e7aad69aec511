/** Writes the bundles of all pages into a folder: `node cli/serve/build-pages.ts dist/web/pages`, a part of `npm run build`. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { bundlePage, pageScripts } from "./page-files.ts";

const folder = path.resolve(process.argv[2] ?? "dist/web/pages");
await mkdir(folder, { recursive: true });
for (const script of pageScripts) await writeFile(path.join(folder, `${script}.js`), await bundlePage(script));
