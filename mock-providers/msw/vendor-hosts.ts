/** Where the vendors' SDKs call when nobody tells them otherwise: what the handlers take over. */
import type { Dialect } from "../../core/scenario/provider-spec.ts";

/** The host names of each vendor's API, as their SDKs and documentation have them. */
const vendorHosts: readonly { readonly dialect: Dialect; readonly hosts: RegExp }[] = [
  { dialect: "openai", hosts: /^api\.openai\.com$/ },
  {
    // {resource}.openai.azure.com, and the newer names of the same resources (learn.microsoft.com, "Azure OpenAI endpoints").
    dialect: "azure-openai",
    hosts: /^[\w-]+\.(?:openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com)$/,
  },
  { dialect: "anthropic", hosts: /^api\.anthropic\.com$/ },
  {
    // AWS General Reference, "Amazon Bedrock endpoints and quotas".
    dialect: "bedrock",
    hosts: /^bedrock-runtime(?:-fips)?\.[\w-]+\.amazonaws\.com(?:\.cn)?$/,
  },
  { dialect: "gemini", hosts: /^generativelanguage\.googleapis\.com$/ },
  {
    // Regional, global and multi-regional (docs.cloud.google.com, "Vertex AI locations"); tokens come from oauth2.googleapis.com.
    dialect: "vertex",
    hosts: /^(?:(?:[\w-]+-)?aiplatform|aiplatform\.[\w-]+\.rep|oauth2)\.googleapis\.com$/,
  },
];

/** The dialect that is spoken at that host; undefined elsewhere. */
export function dialectAt(host: string): Dialect | undefined {
  return vendorHosts.find(({ hosts }) => hosts.test(host))?.dialect;
}
