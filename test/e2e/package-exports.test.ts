/**
 * What other programs import, as they get it: packed by npm, unpacked into a consumer's project, run by plain Node and checked by its
 * compiler. Dependencies are this checkout's, linked, so that nothing is fetched.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root, startSquall } from "./squall-process.ts";

const folder = mkdtempSync(path.join(tmpdir(), "squall-package-"));
const consumer = path.join(folder, "consumer");

beforeAll(() => {
  const staged = path.join(folder, "staged");
  run(process.execPath, [path.join(root, "setup/stage.mjs"), staged], root);
  run("npm", ["pack", "--loglevel=error", "--pack-destination", folder], staged);
  const tarball = readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "";
  const modules = path.join(consumer, "node_modules");
  mkdirSync(path.join(modules, "squall"), { recursive: true });
  run("tar", ["-xzf", path.join(folder, tarball), "-C", path.join(modules, "squall"), "--strip-components=1"], folder);
  for (const name of linkedPackages()) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.join(root, "node_modules", name), path.join(modules, name));
  }
  writeFileSync(
    path.join(consumer, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the package as a consumer has it", () => {
  it("answers an SDK through squall/msw, in plain Node", () => {
    const printed = runProgram(`
      import { setupServer } from "msw/node";
      import OpenAI from "openai";
      import { mockProviders } from "squall/msw";
      const squall = mockProviders({ config: {
        providers: { openai: { dialect: "openai", latency: "instant", models: { "gpt-4o-mini": { rpm: 1 } } } },
      } });
      const server = setupServer(...squall.handlers);
      server.listen();
      const client = new OpenAI({ apiKey: squall.providers.openai.apiKey, maxRetries: 0 });
      const ask = () => client.chat.completions
        .create({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] })
        .then(() => 200, (error) => error.status);
      const before = [await ask(), await ask()];
      await squall.clock.advance(60_000);
      console.log(JSON.stringify([...before, await ask()]));
      server.close();
    `);
    expect(printed).toBe("[200,429,200]\n");
  });

  it("gives a container to set up through squall/testcontainers, in plain Node", () => {
    const printed = runProgram(`
      import { SquallContainer } from "squall/testcontainers";
      const container = new SquallContainer("squall:dev").withConfig({ providers: {} }).withSeed(7).withLatencyScale(0);
      console.log(container instanceof SquallContainer);
    `);
    expect(printed).toBe("true\n");
  });

  it("runs what the guide shows of unit tests", () => {
    const guide = readFileSync(path.join(root, "docs/mock.md"), "utf8");
    const [example] = [...guide.matchAll(/```ts\n([^]*?)```/g)].flatMap(([, code]) =>
      code?.includes("squall/msw") ? [code] : [],
    );
    expect(example).toBeDefined();
    writeFileSync(path.join(consumer, "guide.test.ts"), example ?? "");
    const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs");
    expect(run(process.execPath, [vitest, "run", "--root", consumer, "--reporter", "tap"], consumer)).toMatch(/^ok 1/m);
  });

  it("serves the pages that were built with it, with nothing that could build them", async () => {
    const bin = path.join(consumer, "node_modules", "squall", "bin", "squall.mjs");
    const running = startSquall(["serve", "--port", "0", "--json"], {
      cwd: consumer,
      program: [process.execPath, bin],
    });
    const [ready] = await running.says("stdout", /^\{.*\}$/m);
    const { observer } = JSON.parse(ready) as { readonly observer: string };
    for (const script of ["console", "board", "board-worker"]) {
      const response = await fetch(new URL(`/${script}.js`, observer));
      expect(response.status, script).toBe(200);
      expect((await response.text()).length).toBeGreaterThan(10_000);
    }
    expect(await (await fetch(observer.replace("/?", "/board?"))).text()).toContain("ten-users.yaml");
  });

  it("has no other door: what is not exported cannot be imported", () => {
    expect(
      runProgram(`
      const reason = await import("squall/dist/core/money.js").catch((error) => error.code);
      console.log(reason);
    `),
    ).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED\n");
  });

  it("says the types of both to a strict compiler, and refuses what they forbid", () => {
    const program = path.join(consumer, "typed.ts");
    writeFileSync(
      program,
      `
      import { setupServer } from "msw/node";
      import { type MockedProviders, mockProviders } from "squall/msw";
      import { SquallContainer, type StartedSquallContainer } from "squall/testcontainers";
      const squall: MockedProviders = mockProviders({ latencyScale: 1, time: "virtual" });
      setupServer(...squall.handlers);
      const reached: Promise<void> = squall.clock.advance(5);
      const first: string | undefined = squall.journal()[0]?.model;
      squall.faults.add({ fault: { provider: "openai", kind: "outage" }, for: "30s" });
      const started: Promise<StartedSquallContainer> = new SquallContainer().withSeed(1).start();
      const url: Promise<string> = started.then((one) => one.openai.baseUrl);
      // @ts-expect-error: a seed is a number
      mockProviders({ seed: "7" });
      // @ts-expect-error: not a way to tell the time
      mockProviders({ time: "wall" });
      // @ts-expect-error: clocks of tests go forward by a number
      squall.clock.advance("5s");
      export { first, reached, url };
    `,
    );
    const compiler = path.join(root, "node_modules", "typescript", "bin", "tsc");
    const strict = [
      "--noEmit",
      "--strict",
      "--target",
      "es2024",
      "--module",
      "nodenext",
      "--skipLibCheck",
      "--types",
      "node",
    ];
    expect(run(process.execPath, [compiler, ...strict, program], consumer)).toBe("");
  });
});

/** What a consumer installs beside it, and what it brings. */
function linkedPackages(): readonly string[] {
  const manifest: { readonly dependencies: object } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  return [...Object.keys(manifest.dependencies), "msw", "testcontainers", "openai", "vitest", "@types/node"];
}

function runProgram(source: string): string {
  const program = path.join(consumer, "program.mjs");
  writeFileSync(program, source);
  return run(process.execPath, [program], consumer);
}

function run(file: string, args: readonly string[], cwd: string): string {
  return execFileSync(file, args, { cwd, encoding: "utf8", timeout: 120_000, stdio: ["ignore", "pipe", "inherit"] });
}
