/** `squall serve` as people use it: three seats at one drill, and the planning board beside the command line. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, launchChromium } from "../chromium.ts";
import { expectNothingLeft, freshFolder, root, type Running, squall, startSquall } from "./squall-process.ts";

if (chromiumPath === undefined) console.warn("skipped: squall serve in a browser (no Chromium; set CHROMIUM_PATH)");

type Addresses = Readonly<Record<"incident-lead" | "responder" | "observer", string>>;

/** Served from an empty folder, so that drills leave nothing elsewhere. */
async function served(): Promise<{
  readonly running: Running;
  readonly addresses: Addresses;
  readonly folder: string;
}> {
  const folder = freshFolder();
  const running = startSquall(["serve", "--port", "0", "--json"], { cwd: folder, withinMs: 110_000 });
  const [line] = await running.says("stdout", /^\{.*\}$/m);
  return { running, addresses: JSON.parse(line) as Addresses, folder };
}

describe.skipIf(chromiumPath === undefined)("squall serve in Chromium", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(() => browser.close());

  /** Opens a page; whatever goes wrong in it, or is asked of anybody else, is noted. */
  async function open(
    address: string,
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; trouble: string[] }> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const trouble: string[] = [];
    page.on("console", (message) => trouble.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol === "http:" && host !== new URL(address).host) trouble.push(`request: ${request.url()}`);
    });
    await page.goto(address);
    return { page, trouble };
  }

  async function joined(address: string, name: string, options: BrowserContextOptions = {}): ReturnType<typeof open> {
    const opened = await open(address, options);
    await opened.page.getByLabel("Your name").fill(name);
    await opened.page.keyboard.press("Enter");
    await opened.page.locator("#people").getByText(`${name} (you)`).waitFor();
    return opened;
  }

  it("plays a drill to its review with a lead, a responder on a phone, and an observer in the dark", async () => {
    const { running, addresses, folder } = await served();
    const lead = await joined(addresses["incident-lead"], "ada");
    const responder = await joined(addresses.responder, "bob", { viewport: { width: 390, height: 844 } });
    const observer = await joined(addresses.observer, "eve", { colorScheme: "dark" });
    await lead.page
      .locator("select[name=runbook]")
      .selectOption({ label: "A provider is down (SEV2 / P1 · ai-platform)" });
    await lead.page.locator("select[name=pace]").selectOption("0");
    await lead.page.getByRole("button", { name: "Begin the drill" }).click();

    const answer = async ({ page }: { page: Page }, text: string, attested?: string): Promise<void> => {
      const card = page.locator(".question.mine").filter({ hasText: text });
      await card.waitFor();
      if (attested !== undefined) await card.getByLabel("Say what").fill(attested);
      await card.locator("button[value=yes]").press("Enter"); // by keyboard
      await card.waitFor({ state: "detached" });
    };
    await answer(responder, "Do you look into it?");
    const note = observer.page.getByLabel("Note for the journal");
    await note.fill("The provider's status page is <green>.");
    await note.press("Enter");
    await lead.page.locator("#journal").getByText("status page is <green>.").waitFor();
    expect(await observer.page.locator("main").innerText()).not.toContain("hidden until the review");
    await answer(responder, "provider azure fails");
    await answer(responder, "provider openai answers");
    const approval = responder.page.locator(".question").filter({ hasText: "Move all chat traffic" });
    await approval.getByText("This is for the incident lead.").waitFor();
    expect(await approval.locator("button").count()).toBe(0);
    await answer(lead, "Move all chat traffic");
    await answer(responder, "Open a ticket", "AZ-4711");

    for (const { page } of [lead, responder, observer]) {
      await page.getByText("PASS", { exact: true }).waitFor();
      await page.getByText("outage at azure").waitFor(); // not hidden any more
    }
    await lead.page
      .locator("#journal")
      .getByText("Tell support that azure serves us again, in ticket AZ-4711")
      .waitFor();
    expect(await responder.page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    expect([lead, responder, observer].flatMap(({ trouble }) => trouble)).toEqual([]);
    await observer.page.getByRole("link", { name: "Read the review" }).click();
    expect(await observer.page.title()).toContain("Squall drill");
    const journal = await squall(["journal", "verify", "squall-runs/drill-provider-outage/journal.ndjson"], {
      cwd: folder,
    });
    expect(journal.code, journal.stderr).toBe(0);
    running.kill("SIGINT");
    expect((await running.ended).code).toBe(0);
    await expectNothingLeft(running);
  });

  it("simulates in the page to the byte what the command line simulates", async () => {
    const { addresses, folder } = await served();
    const { page, trouble } = await open(addresses.observer.replace("/?", "/board?"));
    await page.locator("#side-a select").selectOption("ten-users.yaml");
    await page.locator("#side-a .command").getByText("ten-users.yaml").waitFor();
    await page.getByRole("button", { name: "Simulate" }).click();
    const download = async (name: string): Promise<string> => {
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        page.locator("#report-a").getByRole("link", { name, exact: true }).click(),
      ]);
      return readFileSync(await file.path(), "utf8");
    };
    const [json, report] = [await download("Result as JSON"), await download("Report")];
    const out = path.join(folder, "run");
    const told = await squall(["simulate", path.join(root, "scenarios/ten-users.yaml"), "--json", "--out", out]);
    expect(json).toBe(told.stdout.trimEnd());
    expect(report).toBe(readFileSync(path.join(out, "report.html"), "utf8"));
    expect(trouble).toEqual([]);
  });

  it("compares two candidates, turned by their knobs, and says what is wrong with a text at its line", async () => {
    const { addresses } = await served();
    const { page, trouble } = await open(addresses.observer.replace("/?", "/board?"));
    await page.locator("#side-a select").selectOption("small-launch.yaml");
    await page.locator("#side-a .command").getByText("small-launch.yaml").waitFor();
    await page.getByRole("button", { name: "Compare with a second candidate" }).click();
    await page.locator("#side-b").getByRole("slider", { name: "Traffic" }).fill("2");
    expect(await page.locator("#side-b .command").innerText()).toContain("candidate-b.yaml");
    await page.getByRole("button", { name: "Simulate" }).click();
    const table = page.getByRole("region", { name: "Side by side" });
    await table.getByRole("columnheader", { name: "Candidate B" }).waitFor();
    const requests = await table
      .getByRole("row", { name: /^Requests/ })
      .getByRole("cell")
      .allInnerTexts();
    expect(requests[0]).not.toBe(requests[1]);

    const text = page.locator("#b-scenario-text");
    await text.fill((await text.inputValue()).replace("traffic:", "trafic:"));
    await page.locator("#side-b").getByText("did you mean traffic?").waitFor();
    expect(trouble).toEqual([]);
  });
});
