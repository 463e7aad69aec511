/**
 * Keeps keys and conversations out of everything that is kept: journals, reviews, outputs of steps.
 *
 * A key is known by its shape (vendors give theirs a prefix), by the name that it is given (`api_key=…`), or by where it stands (a header,
 * an address). A word about keys is none: "the first token", "secret/gateway-keys configured". A conversation is known by the fields
 * of the wire formats; what people and models said in it is left out, whatever it says.
 */

/** What stands in place of a key, or of what somebody said. */
export const redactedWord = "[redacted]";

export function redactText(text: string): string {
  const silent = conversation.test(text) ? withoutWords(text) : text;
  return secrets.reduce((left, secret) => left.replaceAll(secret, redactedWord), silent);
}

/** Everything within, texts by their names too. */
export function redactData(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(data), (name, value: unknown) => {
    if (Array.isArray(value)) return value.map((each, index) => (isOption(value[index - 1]) ? redactedWord : each));
    if (typeof value !== "string") return value;
    return secretName.test(name) ? redactedWord : redactText(value);
  });
}

/** Names under which people keep what nobody else may know, at the end of longer ones such as `OPENAI_API_KEY`. */
const names = [
  String.raw`(?:[\w-]*[_-])?(?:api|access|account|client|encryption|master|private|shared|signing|subscription|virtual)[-_]?key`,
  String.raw`(?:[\w-]*[_-])?(?:token|secret|passw(?:or)?d|passphrase)`,
].join("|");

const secretName = new RegExp(`^(?:${names}|authorization)$`, "i");
const option = new RegExp(`^--(?:${names})$`, "i");

/** Whether the word after this one is a key: `--token`, `…`. */
function isOption(word: unknown): boolean {
  return typeof word === "string" && option.test(word);
}

const quoted = String.raw`(?<=")[^"\s](?:[^"\\]|\\.)*(?="|$)|(?<=')[^'\s][^']*(?='|$)`;
/** A count or a duration is no key: `max_token=4096`, `first_token=350ms`. */
const noNumber = String.raw`(?!\d+(?:[.,]\d+)*\s?(?:ms|s|m|h|k|M|%)?(?![\w-]))`;
const named = String.raw`(?<![\w-])(?:${names})["']?`;

const secrets: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  // Model providers, gateways and Stripe.
  /\b[prs]k[-_][\w-]{16,}/g,
  /\b(?:gsk_|hf_|r8_|pplx-|AIza)[\w-]{16,}/g,
  // GitHub, GitLab, npm, Slack.
  /\b(?:gh[oprsu]_|github_pat_|glpat-|npm_|xox[abeoprs]-)[\w-]{10,}/g,
  // AWS, Google, JSON Web Tokens.
  /\b(?:AKIA|ASIA)[\dA-Z]{16,}/g,
  /\bya29\.[\w-]{16,}/g,
  /\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g,
  // Headers, and the user and password of an address.
  /(?<=\bauthorization["']?\s*[:=]\s*["']?)(?:(?:Basic|Bearer|Token)\s+[^\s"',]+|[^\s"',]{16,})/gi,
  /\b[Bb]earer\s+(?=[\w.~+/=-]*\d)[\w.~+/=-]{8,}/g,
  /(?<=\b[a-z][\w+.-]*:\/\/)[^\s/@:]*:[^\s/@]+(?=@)/gi,
  /(?<=[?&](?:key|sig|token|access_token)=)[^&\s"'#]+/gi,
  // `name = "value"`, `name: 'value'`, `"name": "value"`.
  new RegExp(`(?<=${named}\\s*[:=]\\s*["'])(?:${quoted})`, "gi"),
  // `name=value` and `--name value`.
  new RegExp(`(?<=${named}=)${noNumber}[^\\s"',;&}]{3,}`, "gi"),
  new RegExp(`(?<=(?<!\\S)--(?:${names}) )${noNumber}[^\\s"'-][^\\s"']{3,}`, "gi"),
  // `name: value` is prose too, so the value has to look like a key; but for passwords, which look like anything.
  new RegExp(`(?<=(?:key|secret)["']?:\\s*)${noNumber}(?=\\S*\\d)[\\w.~+/=-]{8,}`, "gi"),
  new RegExp(`(?<=${named}:\\s*)${noNumber}(?:(?=\\S*\\d)[\\w.~+/=-]{16,}|[\\w+/=]{20,})`, "gi"),
  /(?<=\bpassw(?:or)?d:\s*)[^\s"',;}]{4,}/gi,
];

/** A request or an answer, whole or streamed, of the vendors' wire formats (mock-providers/ speaks them). */
const conversation =
  /"(?:messages|contents|choices|candidates)"\s*:\s*\[|"(?:delta|inputText|outputText)"\s*:|"model"\s*:[\s\S]*"(?:prompt|input|instructions)"\s*:|"(?:prompt|input|instructions)"\s*:[\s\S]*"model"\s*:/;

/** Where words stand in them; cut off in the middle too. */
const spoken =
  /("(?:arguments|completion|content|inputText|input|instructions|output_text|outputText|prompt|reasoning_content|refusal|system|text|thinking)"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|$)/g;
const spokenList = /("(?:input|prompt|system)"\s*:\s*)\[(?:\s*"(?:[^"\\]|\\.)*"\s*,?)+\s*(?:\]|$)/g;

function withoutWords(text: string): string {
  return text.replaceAll(spoken, `$1"${redactedWord}"`).replaceAll(spokenList, `$1["${redactedWord}"]`);
}
