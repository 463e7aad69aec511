/**
 * The `kubectl` of this machine, bound to one context and one namespace.
 *
 * It, and not a client library, because it is what people would type: with their kubeconfig, their log-in plugins and their
 * rights, and every command that changes something can be read, and repeated, as it stands.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { environmentNotReady, type SquallError } from "../../core/errors.ts";
import type { Ms } from "../../core/time.ts";
import type { ChildCommand } from "../child/child-process.ts";
import { type ClusterChange, commandOf } from "./cluster-change.ts";
import type { DeploymentFile } from "./deployment-file.ts";

export interface Kubectl {
  /** Whether changes are checked only, and nothing is done. */
  readonly isRehearsal: boolean;
  /** What it prints. Throws `kubectl-failed` with what it says. */
  readonly read: (args: readonly string[]) => Promise<string>;
  /** Shows the command, and then runs it: whatever changes the cluster goes through here. */
  readonly change: (change: ClusterChange) => Promise<string>;
  /** For a program that runs on: what to start. */
  readonly command: (args: readonly string[]) => Pick<ChildCommand, "command" | "args" | "env">;
}

export interface KubectlOptions {
  readonly binary: string;
  readonly deployment: DeploymentFile;
  /** Where kubectl looks for its kubeconfig. */
  readonly env: NodeJS.ProcessEnv;
  /** Told of each command before it runs. */
  readonly onCommand: (text: string) => void;
  /** Whether the API server is to check each change and do nothing. */
  readonly isRehearsal: boolean;
}

/** Names the program to run, in place of the first `kubectl` on the PATH. */
const kubectlVariable = "SQUALL_KUBECTL";
export const kubectlInstall: string = `install it (apt-get install kubernetes-client, brew install kubectl), or name it in ${kubectlVariable}`;

/** An API server answers in a second; one behind a log-in plugin takes longer. */
const answerTimeoutMs: Ms = 20_000;
/** Of the answer: some hundred pods. */
const answerBytesMax = 16 * 1024 * 1024;

export interface KubectlBinary {
  readonly file: string;
  /** `1.32.4`. */
  readonly version: string;
}

/** undefined: there is none, or it cannot be run. Asks no cluster. */
export async function findKubectl(env: NodeJS.ProcessEnv): Promise<KubectlBinary | undefined> {
  const named = env[kubectlVariable];
  const file = named === undefined || named === "" ? "kubectl" : named;
  try {
    const { stdout } = await promisify(execFile)(file, ["version", "--client", "--output=json"], {
      timeout: answerTimeoutMs,
      env,
    });
    const version = /"gitVersion":\s*"v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    return version === undefined ? undefined : { file, version };
  } catch {
    return undefined;
  }
}

export function kubectlMissing(): SquallError {
  return environmentNotReady("pods of a cluster are moved by kubectl, and there is none", {
    code: "kubectl-missing",
    hint: kubectlInstall,
  });
}

export function kubectlFor({ binary, deployment, env, onCommand, isRehearsal }: KubectlOptions): Kubectl {
  const { context, namespace } = deployment;
  const bound = (args: readonly string[]): readonly string[] => [
    "--context",
    context,
    "--namespace",
    namespace,
    ...args,
  ];
  const run = async (args: readonly string[]): Promise<string> => {
    const options = { timeout: answerTimeoutMs, maxBuffer: answerBytesMax, env };
    try {
      return (await promisify(execFile)(binary, [...args], options)).stdout;
    } catch (cause) {
      throw environmentNotReady(`\`kubectl ${args.join(" ")}\` failed: ${reasonOf(cause)}`, {
        code: "kubectl-failed",
        hint: `see what \`kubectl --context ${context} --namespace ${namespace} get deployments\` says`,
        cause,
      });
    }
  };
  return {
    isRehearsal,
    read: (args) => run(bound(args)),
    change: async (change) => {
      const args = bound([...commandOf(change, deployment), ...(isRehearsal ? ["--dry-run=server"] : [])]);
      onCommand(`kubectl ${args.join(" ")}`);
      return await run(args);
    },
    command: (args) => ({ command: binary, args: bound(args), env }),
  };
}

/** The last line that it printed as an error, without klog's own (`E1121 08:02:47.560621   23139 memcache.go:287] …`). */
function reasonOf(cause: unknown): string {
  const said = cause instanceof Error && "stderr" in cause ? String(cause.stderr) : "";
  const lines = said.split("\n").filter((line) => line.trim() !== "" && !/^[EWI]\d{4} /.test(line));
  return lines.at(-1) ?? (cause instanceof Error ? cause.message : String(cause));
}
