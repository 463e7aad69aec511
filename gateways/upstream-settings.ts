/**
 * What providers want to be told beside an address and a key. The mocks accept any; these are the ones that every driver sends, so
 * that requests look alike through all gateways.
 */

/** The newest version of Azure OpenAI's API that is no preview (MicrosoftDocs/azure-ai-docs, api-version-lifecycle). */
export const azureApiVersion = "2024-10-21";
export const awsRegion = "us-east-1";
export const vertexProject = "squall";
export const vertexLocation = "us-central1";
