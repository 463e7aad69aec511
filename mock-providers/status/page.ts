/**
 * The page for humans at `/`: what is limited, by how much, right now; faults with buttons; the calls of late; the bill.
 *
 * Whole when it arrives, so that it can be read without a script; with one, the parts that change are fetched again every second.
 */
import { secondMs } from "../../core/time.ts";
import type { FaultStatus, LimitStatus, MockStatus, ProviderStatus } from "./status.ts";
import { statusScript } from "./script.ts";
import { statusStyle } from "./style.ts";

export function statusPage(status: MockStatus): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Squall mock providers</title>
<link rel="icon" href="data:,">
<style>${statusStyle}</style>
</head>
<body>
<header>
<h1>Squall mock providers</h1>
<p id="clock" class="muted">${clockLine(status)}</p>
</header>
<main id="live">
${statusSections(status)}
</main>
<footer class="muted">
<p>For programs: <a href="/_squall/status">status</a>, <a href="/_squall/config">configuration</a>,
<a href="/_squall/providers">base URLs and keys</a>, <a href="/_squall/journal">journal</a>, <a href="/_squall/ledger">ledger</a>,
<a href="/metrics">metrics</a>.</p>
<p id="told" role="status"></p>
</footer>
<script>${statusScript}</script>
</body>
</html>
`;
}

/** All that changes. */
export function statusSections(status: MockStatus): string {
  return [providersSection(status), limitsSection(status), faultsSection(status), callsSection(status)].join("\n");
}

export function clockLine({ scenarioMs, timeScale, latencyScale, seed, draining }: MockStatus): string {
  const speed = timeScale === 1 ? "" : ` at ${number(timeScale)} times real time`;
  const latency =
    latencyScale === 1 ? "" : latencyScale === 0 ? ", answering at once" : `, latencies × ${number(latencyScale)}`;
  const drains = draining ? " · draining: no more calls are taken" : "";
  return `${duration(scenarioMs)} since the last reset${speed}${latency} · seed ${seed}${drains}`;
}

function providersSection({ providers }: MockStatus): string {
  const total = providers.reduce((sum, { costUsd }) => sum + costUsd, 0);
  const rows = providers.map(providerRow).join("\n");
  return `<section aria-labelledby="providers">
<h2 id="providers">Providers <span class="note">${dollars(total)} so far, if this were real</span></h2>
<div class="scroll"><table>
<thead><tr><th scope="col">Provider</th><th scope="col">Base path</th><th scope="col" class="number">In flight</th>
<th scope="col" class="number">Served</th><th scope="col" class="number">Refused</th><th scope="col" class="number">Failed</th>
<th scope="col" class="number">Tokens in</th><th scope="col" class="number">Tokens out</th><th scope="col" class="number">Cost</th></tr></thead>
<tbody>
${rows}
</tbody>
</table></div>
</section>`;
}

function providerRow(provider: ProviderStatus): string {
  const cells = [
    provider.inFlight,
    provider.served,
    provider.refused,
    provider.failed,
    provider.inputTokens,
    provider.outputTokens,
  ];
  const spoken = provider.dialect === provider.name ? "" : ` <span class="muted">${text(provider.dialect)}</span>`;
  return `<tr><th scope="row">${text(provider.name)}${spoken}</th><td><code>${text(provider.basePath)}</code></td>${cells
    .map((cell) => `<td class="number${cell === 0 ? " none" : ""}">${number(cell)}</td>`)
    .join("")}<td class="number">${dollars(provider.costUsd)}</td></tr>`;
}

function limitsSection({ limits, limitsLeftOut }: MockStatus): string {
  const used = limits.filter(({ limit, remaining }) => remaining < limit);
  const untouched = limits.length - used.length + limitsLeftOut;
  const body =
    used.length === 0
      ? `<p class="empty">All ${number(untouched)} limits are whole.</p>`
      : `<ul class="limits">\n${used.map(limitItem).join("\n")}\n</ul>${
          untouched === 0
            ? ""
            : `\n<p class="muted">${number(untouched)} more ${untouched === 1 ? "is" : "are"} whole or nearly so.</p>`
        }`;
  return `<section aria-labelledby="limits">\n<h2 id="limits">Limits <span class="note">the fullest first</span></h2>\n${body}\n</section>`;
}

function limitItem({ provider, key, models, dimension, limit, remaining, resetMs }: LimitStatus): string {
  const used = limit - remaining;
  const share = Math.round((100 * used) / limit);
  const tone = share >= 100 ? "full" : share >= 80 ? "tight" : "easy";
  const model = models.length === 1 ? String(models[0]) : `${models.length} models`;
  const what = `${words(dimension)} of ${model} for ${key} at ${provider}`;
  return `<li><div class="what"><b>${text(provider)}</b> ${text(model)} <span class="muted">${text(key)} · ${words(dimension)}</span></div>
<div class="bar ${tone}" role="meter" aria-label="${text(what)}" aria-valuemin="0" aria-valuemax="${limit}" aria-valuenow="${used}"><i style="width:${share}%"></i></div>
<div class="figures"><b>${number(used)}</b> of ${number(limit)} <span class="muted">whole in ${duration(resetMs)}</span></div></li>`;
}

/** What a button switches on, in a person's words. */
const switches = [
  { label: "Outage", fault: { kind: "outage" } },
  { label: "429 storm", fault: { kind: "rate-limit-storm" } },
  { label: "Overload", fault: { kind: "overload" } },
  { label: "Slow × 5", fault: { kind: "latency", factor: 5 } },
  { label: "Cut streams", fault: { kind: "cut-stream" } },
  { label: "Half fail", fault: { kind: "error-rate", status: 500, share: 0.5 } },
] as const;

function faultsSection({ faults, providers }: MockStatus): string {
  const rows = providers.map(({ name }) => {
    const buttons = switches.map(({ label, fault }) => {
      const on = faults.find(
        (one) => one.phase === "on" && one.provider === name && one.model === undefined && one.kind === fault.kind,
      );
      const action = on === undefined ? { add: { fault: { provider: name, ...fault } } } : { remove: on.id };
      return `<button type="button" aria-pressed="${on !== undefined}" data-action="${text(JSON.stringify(action))}">${label}</button>`;
    });
    return `<div class="switches" role="group" aria-label="Faults of ${text(name)}"><b>${text(name)}</b> ${buttons.join(" ")}</div>`;
  });
  const listed = faults.filter(({ phase }) => phase !== "over");
  const list =
    listed.length === 0
      ? `<p class="empty">Nothing is wrong, and nothing will be.</p>`
      : `<ul class="faults">\n${listed.map(faultItem).join("\n")}\n</ul>
<p><button type="button" data-action="${text(JSON.stringify({ clear: true }))}">Switch all off</button></p>`;
  return `<section aria-labelledby="faults">\n<h2 id="faults">Faults</h2>\n${rows.join("\n")}\n${list}\n</section>`;
}

function faultItem({ id, atMs, forMs, words: { fault }, phase }: FaultStatus): string {
  const lasting = forMs === undefined ? "" : ` for ${duration(forMs)}`;
  const when = `${phase === "on" ? "since" : "from"} ${duration(atMs)}${lasting}`;
  const off = `<button type="button" data-action="${text(JSON.stringify({ remove: id }))}">Switch off</button>`;
  return `<li><span class="phase ${phase}">${phase}</span> <code>${text(JSON.stringify(fault))}</code> <span class="muted">${when}</span> ${off}</li>`;
}

function callsSection({ calls }: MockStatus): string {
  if (calls.length === 0) {
    return `<section aria-labelledby="calls">\n<h2 id="calls">Calls</h2>\n<p class="empty">Nobody has called yet.</p>\n</section>`;
  }
  const rows = calls.map((call) => {
    const tone = call.outcome === "ok" ? "ok" : call.outcome === "rate-limited" ? "limited" : "bad";
    const first = call.firstTokenMs === null ? "" : duration(call.firstTokenMs - call.intendedMs);
    return `<tr><td class="number">${duration(call.intendedMs)}</td><th scope="row">${text(call.provider)}</th><td>${text(call.model)}</td>
<td><span class="outcome ${tone}">${call.status === 0 ? "—" : call.status} ${text(call.outcome)}</span>${call.reason === "" ? "" : ` <span class="muted">${text(call.reason)}</span>`}</td>
<td class="number">${first}</td><td class="number">${duration(call.endMs - call.intendedMs)}</td>
<td class="number">${number(call.inputTokens)}</td><td class="number">${number(call.outputTokens)}</td></tr>`;
  });
  return `<section aria-labelledby="calls">
<h2 id="calls">Calls <span class="note">the newest first</span></h2>
<div class="scroll"><table>
<thead><tr><th scope="col" class="number">At</th><th scope="col">Provider</th><th scope="col">Model</th><th scope="col">Ended</th>
<th scope="col" class="number">First token</th><th scope="col" class="number">Took</th><th scope="col" class="number">Tokens in</th><th scope="col" class="number">out</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table></div>
</section>`;
}

function words(dimension: LimitStatus["dimension"]): string {
  return { requests: "requests", tokens: "tokens", inputTokens: "input tokens", outputTokens: "output tokens" }[
    dimension
  ];
}

/** What people sent stands here too: model names, reasons. */
function text(raw: string): string {
  return raw.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function number(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 3 });
}

/** Small bills in small units, so that the first call shows. */
function dollars(usd: number): string {
  if (usd === 0) return "$0";
  return usd < 1
    ? `$${usd.toFixed(6)}`
    : `$${usd.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function duration(ms: number): string {
  if (ms < secondMs) return `${Math.round(ms)} ms`;
  if (ms < 60 * secondMs) return `${(ms / secondMs).toFixed(1)} s`;
  const seconds = Math.floor(ms / secondMs);
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours === 0 ? `${minutes} min ${rest} s` : `${hours} h ${minutes} min`;
}
