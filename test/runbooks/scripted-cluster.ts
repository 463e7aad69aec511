/** Commands against a cluster that is written down, for tests of what runs outside of Squall. */
import type { Command, CommandResult } from "../../runbooks/engine/world.ts";
import type { Drill } from "./scripted-drill.ts";

export const wordsOf = ({ world }: Drill): readonly string[] => world.commands.map(({ words }) => words.join(" "));

/** A step that has all that a command can have. */
export const scaling: string = [
  "id: grow",
  "kubectl: [scale, deployment/gateway, --replicas=5]",
  "state: [get, deployment/gateway]",
  "undo: [scale, deployment/gateway, --replicas=3]",
].join("\n");
export const allowed: ReadonlyMap<"kubectl", readonly string[]> = new Map([
  ["kubectl", ["scale deployment/gateway", "get"]],
] as const);

/** A cluster that outlives the drill: replicas as `scale` left them. */
export function cluster(options: { readonly isStuck?: boolean } = {}): {
  readonly command: (command: Command) => CommandResult;
  replicas: number;
} {
  const state = {
    replicas: 3,
    command: ({ words }: Command): CommandResult => {
      const wished = words.flatMap((word) => /^--replicas=(\d+)$/.exec(word)?.[1] ?? []).map(Number)[0];
      const isDry = words.includes("--dry-run=server");
      if (wished !== undefined && !isDry && !(options.isStuck === true && wished === 3)) state.replicas = wished;
      return { status: 0, output: `${state.replicas} replicas${isDry ? " (server dry run)" : ""}\n` };
    },
  };
  return state;
}
