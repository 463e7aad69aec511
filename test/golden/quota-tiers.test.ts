/** docs/quota-tiers.md: every published tier that `tier:` can name. `npm run examples` writes it anew from here. */
import path from "node:path";
import { expect, it } from "vitest";
import type { QuotaTier, TierRow, TierStatus } from "../../behavior/quota/tiers/tier.ts";
import { tiers } from "../../behavior/quota/tiers/tiers.ts";
import { assertNever } from "../../core/invariant.ts";
import type { TierLimits } from "../../core/scenario/quota-tiers.ts";

const root = path.resolve(import.meta.dirname, "../..");

it("docs/quota-tiers.md lists every tier: after a change of one, run npm run examples", async () => {
  await expect(page()).toMatchFileSnapshot(path.join(root, "docs/quota-tiers.md"));
});

const head = `# Published quota tiers

What \`tier:\` can name in a provider entry ([quotas](quotas.md)). Per minute unless said otherwise; what is not listed is not
limited by the tier. Secondary sources are dated readings by somebody else: the original was not opened.
`;

function page(): string {
  return `${[head, ...tiers.map(section)].join("\n").trimEnd()}\n`;
}

function section({ name, dialect, status, rows }: QuotaTier): string {
  const notes = [...new Set(rows.map(sourceInWords))];
  const lines = rows.map((row) => `| ${row.models.join(", ")} | ${limitsInWords(row.limits)} | ${row.note ?? ""} |`);
  return [
    `## ${name}`,
    "",
    `Dialect ${dialect}; ${statusInWords(status)}. ${notes.join("; ")}.`,
    "",
    "| Models | Limits | Note |",
    "| --- | --- | --- |",
    ...lines,
    "",
  ].join("\n");
}

function sourceInWords({ source }: TierRow): string {
  return `Source: ${source.what} (${source.date}, ${source.kind})`;
}

function statusInWords(status: TierStatus): string {
  switch (status.kind) {
    case "current":
      return "current";
    case "superseded":
      return `superseded on ${status.since}`;
    case "unpublished":
      return "no longer published";
    default:
      return assertNever(status);
  }
}

function limitsInWords(limits: TierLimits): string {
  const amounts: readonly (readonly [number | undefined, string])[] = [
    [limits.requestsPerMinute, "requests"],
    [limits.requestsPer10Seconds, "requests per 10 s"],
    [limits.tokensPerMinute, "tokens"],
    [limits.inputTokensPerMinute, "input tokens"],
    [limits.outputTokensPerMinute, "output tokens"],
    [limits.requestsPerDay, "requests per day"],
    [limits.tokensPerDay, "tokens per day"],
  ];
  const words = amounts.flatMap(([amount, what]) => (amount === undefined ? [] : [`${amount.toLocaleString("en")} ${what}`]));
  const { longContext } = limits;
  if (longContext === undefined) return words.join(", ");
  const { aboveTokens, ...long } = longContext;
  return `${words.join(", ")}; prompts above ${aboveTokens.toLocaleString("en")} tokens: ${limitsInWords(long)}`;
}
