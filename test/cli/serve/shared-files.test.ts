import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { scenariosIn, sharedFile } from "../../../cli/serve/shared-files.ts";

const root = mkdtempSync(path.join(tmpdir(), "squall-shared-"));
const shared = path.join(root, "shared");
mkdirSync(path.join(shared, "drills"), { recursive: true });
mkdirSync(path.join(root, "shared-not"));
writeFileSync(path.join(shared, "z.yaml"), "# of z\nscenario: z\n");
writeFileSync(path.join(shared, "drills", "a.yml"), "scenario: a\n");
writeFileSync(path.join(shared, "hpa.yaml"), "kind: HorizontalPodAutoscaler\n");
writeFileSync(path.join(root, "secret.txt"), "secret");
writeFileSync(path.join(root, "shared-not", "secret.txt"), "secret");
symlinkSync(path.join(root, "secret.txt"), path.join(shared, "link.txt"));
mkdirSync(path.join(shared, ".git"));
writeFileSync(path.join(shared, ".git", "config"), "secret");
writeFileSync(path.join(shared, ".env"), "secret");
symlinkSync(path.join(shared, ".env"), path.join(shared, "environment.txt"));
afterAll(() => rmSync(root, { recursive: true }));

describe("shared files", () => {
  it("are the scenarios of a folder and those below it, and no other YAML", async () => {
    expect(await scenariosIn(shared)).toEqual(["z.yaml", "drills/a.yml"]);
    expect(await scenariosIn(path.join(root, "nowhere"))).toEqual([]);
  });

  it("are told with their size, so that a page can refuse one that is too large before it reads it", async () => {
    expect((await sharedFile(shared, "drills/a.yml"))?.bytes).toBe(12);
  });

  it.each([
    "../secret.txt",
    "drills/../../secret.txt",
    "../shared-not/secret.txt",
    path.join(root, "secret.txt"),
    "link.txt",
    ".env",
    "environment.txt",
    ".git/config",
    "drills",
    ".",
    "",
    "nowhere.yaml",
    "z.yaml\0.txt",
  ])("never are anything else: %j", async (name) => expect(await sharedFile(shared, name)).toBeUndefined());
});
