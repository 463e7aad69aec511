/** Runs that break: each ends in bounded time, says why, leaves no process and no folder that looks like more than it is. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { cacheFolder } from "../../gateways/cache.ts";
import { findK6 } from "../../load/k6/find.ts";
import { readRun } from "../../runs/reader.ts";
import { portkeyFolder, withRealPortkey } from "./real-portkey.ts";
import {
  expectNothingLeft,
  families,
  fixture,
  freshFolder,
  longLoad,
  root,
  type Running,
  squall,
  startSquall,
} from "./squall-process.ts";

const short = fixture("short.yaml");

const k6 = await findK6({ env: process.env, cacheDir: cacheFolder(process.env) }).catch(() => undefined);
if (k6 === undefined) console.log("skipped: without k6, nothing is killed under its load");

/** k6 goes with whoever it was sending to. */
const killedUnderK6: readonly { who: string; program: string; told: string; args?: readonly string[] }[] = [
  {
    who: "the gateway, under the load of k6",
    program: "start-server.js",
    told: `the gateway ended during the run: portkey ended by itself (SIGKILL)`,
    args: ["--engine", "k6"],
  },
  {
    who: "the mock, under the load of k6",
    program: "squall.mjs mock",
    told: "the mock providers ended during the run: SIGKILL",
    args: ["--engine", "k6"],
  },
];

withRealPortkey();

describe("a gateway that never becomes ready", () => {
  it("at a URL that accepts and never answers is given up with 5 after --ready-timeout", async () => {
    const server = createServer((socket) => void socket.on("error", () => undefined));
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/v1`;
    const running = startSquall(["run", short, "--gateway", url, "--ready-timeout", "1s"]);
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr).toContain(`squall: nothing answered at ${url} within 1 s\nhint: start the gateway first`);
    await expectNothingLeft(running);
  });

  it.each([
    {
      why: "that ends at once",
      program: 'console.error("no such option"); process.exit(3);',
      told: /squall: portkey ended before it was ready \(exit code 3\); the end of its output:\nno such option\nhint: /,
    },
    {
      why: "that hangs",
      program: 'process.on("SIGTERM", () => undefined); setInterval(() => undefined, 1_000);',
      told: /squall: portkey was not ready within 2 s\nhint: .*--ready-timeout/,
    },
  ])("$why is given up with 5, its last words are told, and it is gone", async ({ program, told }) => {
    const env = { SQUALL_CACHE_DIR: cacheWithGateway(program) };
    const running = startSquall(["run", short, "--ready-timeout", "2s"], { env });
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
    expect(stderr).toMatch(told);
    await expectNothingLeft(running);
  });
});

describe("a provider that closes every connection", () => {
  it.each([
    { gateway: "portkey", outcome: "server-error", why: "the gateway answers for it" },
    { gateway: "direct", outcome: "connection", why: "clients feel it themselves" },
  ])("fails every request through $gateway as $outcome: $why", async ({ gateway, outcome }) => {
    const out = path.join(freshFolder(), "run");
    const running = startSquall(["run", fixture("outage.yaml"), "--gateway", gateway, "--out", out]);
    const { code, stdout } = await running.ended;
    expect([4, 6]).toContain(code); // 6: a machine too busy for its load generator judges nothing
    expect(stdout).toMatch(/Failed requests +100 %/);
    const { manifest, records, events } = await readRun(out);
    expect(manifest.status).toBe("complete");
    expect(records.length).toBeGreaterThan(10);
    expect(new Set(records.map((record) => record.outcome))).toEqual(new Set([outcome]));
    expect(events).toEqual([expect.objectContaining({ kind: "fault-on", subject: "openai" })]);
    await expectNothingLeft(running);
  });
});

describe.skipIf(!families.visible)("a process that is killed in the middle of a run", () => {
  it.each([
    {
      who: "the gateway",
      program: "start-server.js",
      told: `the gateway ended during the run: portkey ended by itself (SIGKILL)`,
    },
    { who: "the mock", program: "squall.mjs mock", told: "the mock providers ended during the run: SIGKILL" },
    ...(k6 === undefined ? [] : killedUnderK6),
  ])("ends it at once, and the run says that it was $who", async ({ program, told, args = [] }) => {
    const out = path.join(freshFolder(), "run");
    const running = startSquall(["run", longLoad(), "--out", out, ...args]);
    await running.says("stderr", /live, under load/);
    killMember(running, program);
    const { code, stdout } = await running.ended;
    expect(code).toBe(6);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(`This run cannot be judged: the run broke off: ${told}`);
    const { manifest, records, events } = await readRun(out);
    expect(manifest.status).toBe("failed");
    expect(events.at(-1)).toMatchObject({ kind: "failure", text: told });
    expect(records.filter((record) => record.phase === "warmup" && record.outcome === "ok")).toHaveLength(3);
    expect(readFileSync(path.join(out, "report.html"), "utf8")).toContain(told);
    await expectNothingLeft(running);
  });

  if (!families.visible) console.log(`skipped: ${families.reason}`);
});

const mayMount = process.platform === "linux" && spawnSync("unshare", ["--mount", "true"]).status === 0;

describe("--out", () => {
  it.skipIf(!mayMount)(
    "on a full disk ends with 5, still prints the verdict, and leaves nothing of the run",
    async () => {
      const disk = freshFolder();
      const script =
        'mount -t tmpfs -o size=48k tmpfs "$1" && cd "$2" && shift 2 && "$@"; code=$?; ls -A "$OUT"; exit $code';
      const args = ["simulate", "scenarios/ten-users.yaml", "--out", path.join(disk, "run")];
      const { code, stdout, stderr } = await squall([process.execPath, "bin/squall.mjs", ...args], {
        program: ["unshare", "--mount", "sh", "-c", script, "sh", disk, root],
        env: { OUT: disk },
      });
      expect(code).toBe(5);
      expect(stdout).toContain("PASS  All 3 objectives hold.");
      expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/Peak tokens per minute/); // no Report, and an empty disk
      expect(stderr).toMatch(/squall: .*run\/.* could not be written: the disk is full \(after \d+ bytes\)\nhint: /);
    },
  );

  it("onto a file that exists is refused with 2 before anything is started", async () => {
    const file = path.join(freshFolder(), "file");
    writeFileSync(file, "mine");
    const { code, stdout, stderr } = await squall(["run", short, "--out", file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(
      `squall: ${file} cannot hold a run: there is a file where a folder is needed\nhint: give another folder with --out\n`,
    );
    expect(readFileSync(file, "utf8")).toBe("mine");
  });

  it("with somebody else's manifest.json in it is refused with 2, and that file stays", async () => {
    const folder = freshFolder();
    const manifest = path.join(folder, "manifest.json");
    writeFileSync(manifest, '{ "name": "a web app" }');
    const { code, stderr } = await squall(["simulate", short, "--out", folder]);
    expect(code).toBe(2);
    expect(stderr).toContain(`squall: ${manifest} is not the manifest of a run that this Squall could replace\nhint: `);
    expect(readFileSync(manifest, "utf8")).toBe('{ "name": "a web app" }');
  });

  it("that could be written leaves no trace of the trial when the run then fails", async () => {
    const home = freshFolder();
    const args = ["run", short, "--gateway", "http://127.0.0.1:9/v1", "--ready-timeout", "100ms"];
    expect((await squall([...args, "--out", path.join(home, "deep/down")])).code).toBe(5);
    expect(readdirSync(home)).toEqual([]);
  });

  if (!mayMount) console.log("skipped: this user may not mount a small disk, so none is filled");
});

/** Kills the one program of the family whose command line has these words; its guard has them too, and is spared. */
function killMember(running: Running, words: string): void {
  const members = running.family().filter(({ command }) => command.includes(words) && !command.includes("guard.ts"));
  expect(members).toHaveLength(1);
  for (const { pid } of members) process.kill(pid, "SIGKILL");
}

/** A cache in which Portkey seems to be installed, and this program is what runs in its place. */
function cacheWithGateway(program: string): string {
  const cache = freshFolder();
  const folder = portkeyFolder(cache);
  const build = path.join(folder, "node_modules/@portkey-ai/gateway/build");
  mkdirSync(build, { recursive: true });
  cpSync(path.join(portkeyFolder(), ".squall-installed.json"), path.join(folder, ".squall-installed.json"));
  writeFileSync(path.join(build, "start-server.js"), program);
  return cache;
}
