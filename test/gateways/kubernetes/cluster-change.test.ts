import { describe, expect, it } from "vitest";
import { type ClusterChange, commandOf } from "../../../gateways/kubernetes/cluster-change.ts";
import { goSeconds } from "../../../gateways/kubernetes/pod-usage.ts";

const file = { context: "staging", namespace: "shop", deployment: "gateway", container: undefined, versions: {} };

describe("a change of a cluster", () => {
  it.each<{ change: ClusterChange; command: string }>([
    { change: { kind: "scale", replicas: 4 }, command: "scale deployment/gateway --replicas=4" },
    {
      change: { kind: "image", container: "app", image: "shop/gateway:2" },
      command: "set image deployment/gateway app=shop/gateway:2",
    },
    { change: { kind: "undo" }, command: "rollout undo deployment/gateway" },
    {
      change: { kind: "delete-pods", pods: ["a", "b"], how: "in-order" },
      command: "delete pod a b --wait=false --ignore-not-found",
    },
    {
      change: { kind: "delete-pods", pods: ["a"], how: "at-once" },
      command: "delete pod a --grace-period=0 --force --wait=false --ignore-not-found",
    },
  ])("is one command: $command", ({ change, command }) => {
    expect(commandOf(change, file).join(" ")).toBe(command);
  });
});

describe("the windows of a metrics API", () => {
  it.each([
    { text: "15.2s", seconds: 15.2 },
    { text: "1m15.5s", seconds: 75.5 },
    { text: "2m", seconds: 120 },
  ])("are durations as Go prints them: $text", ({ text, seconds }) => {
    expect(goSeconds(text)).toBeCloseTo(seconds, 9);
  });
});
