/**
 * `npm run relock`: rewrites package-lock.json so that it names every platform's packages, not only those that the registry
 * at hand could serve.
 *
 * A tool with a native binary lists one optional package per platform. A mirror that lacks some of them makes
 * `npm install` leave them out of the lock file, and `npm ci` then refuses that lock file on every machine. The missing
 * ones are added here with the version that their parent pins and the platform that their name says; npm skips them
 * elsewhere and fetches them where they belong. Run it after every `npm install` that changed package.json.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./node24.mjs";

const OS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const CPU = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

const lockFile = path.join(ROOT, "package-lock.json");
const lock = JSON.parse(readFileSync(lockFile, "utf8"));
const packages = complete(lock.packages);
const added = Object.keys(packages).length - Object.keys(lock.packages).length;
writeFileSync(lockFile, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
console.log(`package-lock.json: ${Object.keys(packages).length} packages, ${added} platform packages added`);

function complete(packages) {
  const found = { ...packages };
  for (const [where, entry] of Object.entries(packages)) {
    if (where === "") continue;
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const top = `node_modules/${name}`;
      const nested = `${where}/${top}`;
      if (found[nested] !== undefined || satisfies(found[top], version)) continue;
      const place = found[top] === undefined ? top : nested;
      found[place] = { version, ...(entry.dev === true ? { dev: true } : {}), optional: true, ...platformOf(name) };
    }
  }
  const sorted = Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted);
}

/** The packages in question pin their platform packages exactly; a range that npm has resolved is npm's business. */
function satisfies(entry, version) {
  return entry !== undefined && (entry.version === version || !/^\d/.test(version));
}

function platformOf(name) {
  const words = name.split("/").at(-1).split("-");
  const os = OS.find((each) => words.includes(each)) ?? (name.includes("wasm32") ? undefined : OS[0]);
  const cpu = CPU.find((each) => words.includes(each));
  const libc = words.some((word) => word.startsWith("musl")) ? "musl" : words.includes("gnu") ? "glibc" : undefined;
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(libc === undefined || os !== "linux" ? {} : { libc: [libc] }),
    ...(os === undefined ? {} : { os: [os] }),
  };
}
