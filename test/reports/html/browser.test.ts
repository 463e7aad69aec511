/**
 * The page in a real browser: what only a layout engine knows. Skips, and says so, where there is no Chromium; `CHROMIUM_PATH`
 * names one that is somewhere else.
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { analyze } from "../../../analyzers/analyze.ts";
import { compareRuns } from "../../../analyzers/fidelity.ts";
import { renderReport } from "../../../reports/html/page.ts";
import { chromiumPath, launchChromium } from "../../chromium.ts";
import { replayRun, syntheticScenario } from "../synthetic-run.ts";

if (chromiumPath === undefined) console.warn("skipped: the page in a browser (no Chromium; set CHROMIUM_PATH)");

const address = "http://report.invalid/";

describe.skipIf(chromiumPath === undefined)("the report page in Chromium", () => {
  let browser: Browser;
  let markup: string;

  beforeAll(async () => {
    const run = replayRun({ kind: "live", seed: 7 });
    const simulated = replayRun({ kind: "simulated", seed: 7 });
    const findings = analyze(run, syntheticScenario("replay"));
    const compared = { run: simulated, findings, fidelity: compareRuns(run, simulated) };
    markup = await renderReport({ run, findings, compared });
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
  });

  /** Opens the page at that width; whatever it asks for besides itself is noted and refused. */
  async function open(
    width: number,
    colorScheme: "light" | "dark" = "light",
  ): Promise<{ page: Page; trouble: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const trouble: string[] = [];
    page.on("console", (message) => trouble.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
    await page.route("**/*", async (route) => {
      if (route.request().url() === address) return route.fulfill({ contentType: "text/html", body: markup });
      trouble.push(`request: ${route.request().url()}`);
      return route.abort();
    });
    await page.goto(address);
    return { page, trouble };
  }

  it.each([1_280, 700, 390])(
    "opens at %i px without a complaint or a request, and nothing sticks out",
    async (width) => {
      const { page, trouble } = await open(width);
      expect(trouble).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      const visible = await page
        .locator("section")
        .evaluateAll((sections) => sections.filter((section) => section.clientHeight > 20).length);
      expect(visible).toBe(10);
      await page.close();
    },
  );

  it.each(["light", "dark"] as const)("draws its charts in the colours of the %s scheme", async (scheme) => {
    const { page } = await open(1_280, scheme);
    const strokes = await page.evaluate(
      "[...document.querySelectorAll('#ttft-over-time-title ~ g path[stroke]')].map((path) => getComputedStyle(path).stroke)",
    );
    expect(strokes).toContain(scheme === "light" ? "rgb(0, 114, 178)" : "rgb(86, 180, 233)");
    await page.close();
  });

  it("lets no label of a chart cover another or leave the picture", async () => {
    const { page } = await open(1_280);
    const overlaps = await page.locator("figure svg").evaluateAll((pictures) =>
      pictures.flatMap((picture) => {
        const frame = picture.getBoundingClientRect();
        const boxes = [...picture.querySelectorAll("text")]
          .filter((text) => text.textContent !== "" && !text.textContent?.startsWith("limit"))
          .map((text) => ({ name: text.textContent ?? "", box: text.getBoundingClientRect() }));
        const outside = boxes.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1);
        const covered = boxes.filter(({ box }, index) =>
          boxes.some(
            (other, at) =>
              at > index &&
              box.left < other.box.right &&
              other.box.left < box.right &&
              box.top + 2 < other.box.bottom &&
              other.box.top + 2 < box.bottom,
          ),
        );
        return [...outside, ...covered].map(({ name }) => name);
      }),
    );
    expect(overlaps).toEqual([]);
    await page.close();
  });

  it("prints on A4", async () => {
    const { page } = await open(1_280);
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
    const text = pdf.toString("latin1");
    const pages = text.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThanOrEqual(3);
    expect(pages).toBeLessThanOrEqual(7);
    // A4 is 210 mm x 297 mm, 595 x 842 points.
    expect(text).toMatch(/\/MediaBox\s*\[0 0 59[45]\.\d+ 84[12]\.\d+\]/);
    await page.close();
  });
});
