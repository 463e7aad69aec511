/** Credential revoked: a key, or every key, is refused as the dialect refuses keys that it does not know. */
import type { EffectOf } from "./effect.ts";

export const credentialRevokedEffect: EffectOf<"credential-revoked"> = () => ({ kind: "unknown-key" });
