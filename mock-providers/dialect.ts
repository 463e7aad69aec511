/**
 * The contract of a dialect: one vendor's wire format over the shared behavior.
 *
 * A dialect is a folder with the same file names as its siblings and one line in `dialects.ts`.
 */
import type { Ms } from "../core/time.ts";
import type { HttpRequest, HttpResponse } from "./http-exchange.ts";
import type { Mock, MockState, MountedProvider } from "./mock.ts";

/** A request on its way to a provider. */
export interface Incoming {
  readonly mock: Mock;
  readonly state: MockState;
  readonly mounted: MountedProvider;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  /** Path below the provider's own, without the query: `/v1/chat/completions`. */
  readonly path: string;
  /** Scenario time of its arrival. */
  readonly arrivalMs: Ms;
  readonly arrivalWallMs: number;
}

export interface DialectServer {
  /** What follows a provider's path in the base URL that the vendor's SDK takes: `/v1`. */
  readonly basePath: string;
  readonly handle: (incoming: Incoming) => void;
  /** Whether a model of this name makes embeddings instead of text. */
  readonly isEmbeddingModel: (model: string) => boolean;
}

/** The largest request body that is read; the vendors' own limits lie around it (Anthropic documents 32 MB). */
export const bodyBytesMax: number = 32 * 1024 * 1024;
