/** Watching pods by a program that stands in for kubectl and prints what a test says. */
import { expect, it, onTestFinished } from "vitest";
import type { Kubectl } from "../../../gateways/kubernetes/kubectl.ts";
import { type PodWatchOptions, watchPods } from "../../../gateways/kubernetes/pod-watch.ts";

function printing(line: string): Kubectl {
  const program = `console.log(${JSON.stringify(line)}); setInterval(() => undefined, 1_000);`;
  return {
    isRehearsal: false,
    read: () => Promise.resolve('{ "items": [] }'),
    change: () => Promise.reject(new Error("a watch changes nothing")),
    command: () => ({ command: process.execPath, args: ["--eval", program] }),
  };
}

const nobody: Pick<PodWatchOptions, "selector" | "onPod" | "onList"> = {
  selector: "app=gateway",
  onPod: () => undefined,
  onList: () => () => undefined,
};

it("watches anew after a line that cannot be read, and says in the end that it cannot go on", async () => {
  const torn = '{ "type": "ADDED", "object": { "meta';
  const watch = await watchPods({ kubectl: printing(torn), ...nobody });
  onTestFinished(() => watch.stop());
  expect(await watch.failed).toBe("the pods cannot be watched any more: kubectl tells of them in an unknown form");
}, 20_000);
