/**
 * The gateways that the simulator can play, by the name that a scenario calls them.
 */
import { invalidInput } from "../../core/errors.ts";
import { directProfile, type GatewayProfile } from "../gateway-profile.ts";
import { litellmProfile } from "./litellm.ts";
import { portkeyProfile } from "./portkey.ts";
import { tensorzeroProfile } from "./tensorzero.ts";

const profiles: readonly GatewayProfile[] = [portkeyProfile, litellmProfile, tensorzeroProfile, directProfile];

export const gatewayProfileNames: readonly string[] = profiles.map((profile) => profile.name);

/** Throws `no-gateway-profile` for a gateway that nobody has calibrated, a URL among them. */
export function gatewayProfile(name: string): GatewayProfile {
  const profile = profiles.find((each) => each.name === name);
  if (profile !== undefined) return profile;
  throw invalidInput(
    `gateway "${name}" cannot be simulated: it has no profile; profiles: ${gatewayProfileNames.join(", ")}`,
    {
      code: "no-gateway-profile",
      hint: "run it live, or simulate with one of the profiles (--gateway)",
    },
  );
}
