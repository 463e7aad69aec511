/** Whom a request is for: a provider by the first part of its path, the control API, or the page for humans at `/`. */
import { asciiJson, send } from "./answer.ts";
import { controlPath, handleControl, metricsPath } from "./control.ts";
import { dialects } from "./dialects.ts";
import type { HttpRequest, HttpResponse } from "./http-exchange.ts";
import type { Mock, MountedProvider } from "./mock.ts";
import { baseUrlOf } from "./ready-message.ts";
import { statusPage } from "./status/page.ts";
import { mockStatus } from "./status/status.ts";

/** `/openai/v1/models?x=1` goes to the provider named `openai`, with the path `/v1/models`. */
export function route(mock: Mock, request: HttpRequest, response: HttpResponse): void {
  const target = originForm(request.url ?? "/");
  const query = target.indexOf("?");
  const path = query === -1 ? target : target.slice(0, query);
  const slash = path.indexOf("/", 1);
  const mounted = slash === -1 ? undefined : mock.state.providers.get(path.slice(1, slash));
  if (mounted !== undefined && mock.draining) {
    refuseDraining(response);
  } else if (mounted !== undefined) {
    callProvider(mock, mounted, request, response, path.slice(slash));
  } else if (path.startsWith(controlPath) || path === metricsPath) {
    handleControl(mock, request, response, path, new URLSearchParams(query === -1 ? "" : target.slice(query)));
  } else if (path === "/") {
    sayPage(mock, response);
  } else {
    sayWhatIsHere(mock, response);
  }
}

/** What comes through a proxy may name the server too: `http://127.0.0.1:9100/openai/v1/models` (RFC 9112 section 3.2.2). */
function originForm(target: string): string {
  if (target.startsWith("/")) return target;
  const [whole = ""] = /^https?:\/\/[^/?]*/i.exec(target) ?? [];
  const rest = target.slice(whole.length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}

/** No provider's words: it is the mock that goes, and a client that retries should find another. */
function refuseDraining(response: HttpResponse): void {
  response.setHeader("connection", "close");
  const body = `${asciiJson({ message: "This mock is about to end and takes no more calls." })}\n`;
  send(response, { status: 503, headers: ["content-type", "application/json"], body, reason: "" });
}

/** Nothing outside is loaded, and no other page may frame it: its buttons act. */
const pageHeaders: readonly string[] = [
  "content-type",
  "text/html; charset=utf-8",
  "cache-control",
  "no-store",
  "content-security-policy",
  "default-src 'none'; connect-src 'self'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
];

function sayPage(mock: Mock, response: HttpResponse): void {
  const page = asciiMarkup(statusPage(mockStatus(mock)));
  send(response, { status: 200, headers: pageHeaders, body: page, reason: "" });
}

/** Any other character as a reference, because answers are sent a character a byte. */
function asciiMarkup(markup: string): string {
  return markup.replaceAll(/[^\0-\x7f]/gu, (character) => `&#${character.codePointAt(0)};`);
}

/** `path`: below the provider's own, without the query. */
export function callProvider(
  mock: Mock,
  mounted: MountedProvider,
  request: HttpRequest,
  response: HttpResponse,
  path: string,
): void {
  const { state, time } = mock;
  const arrivalMs = state.clock.nowMs();
  const incoming = { mock, state, mounted, request, response, path, arrivalMs, arrivalWallMs: time.nowMs() };
  dialects[mounted.spec.dialect].handle(incoming);
}

/** Whoever asks for anything else probably has the wrong base URL. */
function sayWhatIsHere(mock: Mock, response: HttpResponse): void {
  const bases = mock.state.config.providers.map((provider) => baseUrlOf("", provider));
  const message = `Nothing is here. Providers are under ${bases.join(", ")}, control under ${controlPath}health.`;
  const body = `${asciiJson({ message })}\n`;
  send(response, { status: 404, headers: ["content-type", "application/json"], body, reason: "" });
}
