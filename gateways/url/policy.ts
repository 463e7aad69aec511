/**
 * A gateway that somebody else runs has its own configuration: the policy is not carried into it, only the address and the key
 * to present.
 */
import { usageError } from "../../core/errors.ts";
import type { GatewayCall, UpstreamRoute } from "../driver.ts";
import { chatCompletionsUrl, firstProvider } from "../routes.ts";

/** Names the key that the gateway wants; without it the key of the route's first provider is sent. */
export const gatewayKeyVariable = "SQUALL_GATEWAY_API_KEY";

/**
 * What an OpenAI SDK takes as base URL. A URL without a path gets the customary `/v1`. Throws when it is not an http(s)
 * URL, or carries credentials, a query or a fragment.
 */
export function gatewayBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const plain =
    url !== undefined &&
    (url.protocol === "http:" || url.protocol === "https:") &&
    url.username === "" &&
    url.password === "" &&
    url.search === "" &&
    url.hash === "";
  if (!plain) {
    throw usageError(`"${redacted(text, url)}" cannot be a gateway's URL; allowed: http(s)://host[:port][/path]`, {
      code: "gateway-url",
      hint: `give the OpenAI-compatible base URL, such as http://127.0.0.1:4000/v1, and the key in ${gatewayKeyVariable}`,
    });
  }
  return url.pathname === "/" ? `${url.origin}/v1` : url.href.replace(/\/+$/, "");
}

export function urlCall(baseUrl: string, route: UpstreamRoute, key: string | undefined): GatewayCall {
  return {
    url: chatCompletionsUrl(baseUrl),
    headers: { authorization: `Bearer ${key ?? firstProvider(route).apiKey}` },
  };
}

/** A password never shows up in a message. */
function redacted(text: string, url: URL | undefined): string {
  return url === undefined || url.username + url.password === ""
    ? text
    : `${url.protocol}//…@${url.host}${url.pathname}`;
}
