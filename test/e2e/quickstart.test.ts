/** The main job, as `npm start` runs it in a checkout that is set up: nothing is installed, and no network is there. */
import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { readRun } from "../../runs/reader.ts";
import { withRealPortkey } from "./real-portkey.ts";
import { expectNothingLeft, freshFolder, root, startSquall } from "./squall-process.ts";

withRealPortkey();

/** Whoever asks the network for anything is refused by this machine itself. */
const nobody = "http://127.0.0.1:9/";
const offline = {
  npm_config_registry: nobody,
  npm_config_fetch_retries: "0",
  HTTP_PROXY: nobody,
  HTTPS_PROXY: nobody,
  http_proxy: nobody,
  https_proxy: nobody,
};

// Set-up would install, and without a network it would leave nothing installed.
const setUp: { readonly isFresh: () => boolean } = await import(
  pathToFileURL(path.join(root, "setup/ensure.mjs")).href
);
const isSetUp = setUp.isFresh();

describe("npm start", () => {
  if (!isSetUp) console.log("skipped: node_modules is not what package-lock.json says; `npm test` sets up first");

  it.skipIf(!isSetUp)(
    "shows the whole idea without a network: verdict, live beside simulated, cost, report, three commands",
    async () => {
      const program = [process.execPath, path.join(root, "setup/start.mjs")] as const;
      const out = path.join(freshFolder(), "run");
      const running = startSquall(["--out", out], { program, env: offline, withinMs: 110_000 });
      const { code, stdout, stderr } = await running.ended;
      expect([0, 6]).toContain(code); // 6: a machine too busy for its load generator judges nothing
      expect(stderr).not.toMatch(/install|set-up/);
      expect(stdout).toMatch(code === 0 ? /PASS {2}All 3 objectives hold/ : /INCONCLUSIVE/);
      expect(stdout).toMatch(/live through portkey [\d.]+ · 10 users · \d+ requests/);
      expect(stdout).toMatch(/Failed requests +0 %/);
      for (const objective of ["Time to first token p95", "End to end p95"]) expect(stdout).toContain(objective);
      expect(stdout).toMatch(/Live beside simulated +Live +Simulated +Error/);
      expect(stdout).toMatch(/Cost {2}\$0\.\d+ for \d+ requests/);

      expect(stdout).toContain(`Report  ${path.join(out, "report.html")}\n`);
      expect(existsSync(path.join(out, "report.html"))).toBe(true);
      const { manifest, records } = await readRun(out);
      expect(manifest).toMatchObject({ kind: "live", status: "complete", scenario: "ten-users" });
      expect(records.every((record) => record.upstreamCalls >= 1 && record.cost > 0)).toBe(true);

      const commands = stdout.slice(stdout.indexOf("Try next:")).match(/npx squall \S+/g);
      expect(commands).toEqual(["npx squall simulate", "npx squall run", "npx squall mock"]);
      await expectNothingLeft(running);
    },
  );
});
