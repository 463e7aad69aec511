import { afterEach, expect, it, vi } from "vitest";
import { LiveCaps } from "../../../cli/live/caps.ts";

afterEach(() => vi.useRealTimers());

it("lets a tenant in last whose cap is lifted while the load balancer is still being told to refuse it", async () => {
  vi.useFakeTimers({ now: 0 });
  const told: string[] = [];
  const bar = async (tenant: string, retryAfterMs: number | undefined): Promise<void> => {
    // To refuse takes the balancer longer than to let in.
    await new Promise((resolve) => setTimeout(resolve, retryAfterMs === undefined ? 1 : 500));
    told.push(`${tenant} ${retryAfterMs === undefined ? "in" : "out"}`);
  };
  const caps = new LiveCaps({ bar, clock: { nowMs: () => Date.now(), timeScale: 1 } });
  await caps.set("web", 60);
  void caps.charge({ tenant: "web", cost: 1 });
  await vi.advanceTimersByTimeAsync(100);
  void caps.set("web", null);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(told).toEqual(["web out", "web in"]);
  expect(caps.of("web")).toBeNull();
});

it("goes on where the load balancer has died", async () => {
  const bar = (): Promise<void> => Promise.reject(new Error("gone"));
  const caps = new LiveCaps({ bar, clock: { nowMs: () => 0, timeScale: 1 } });
  await caps.set("web", 60);
  await caps.charge({ tenant: "web", cost: 1 });
  caps.stop();
  expect(caps.of("web")).toBe(60);
});

it("refuses nobody for what is counted after the end, and waits for no minute then", async () => {
  vi.useFakeTimers({ now: 0 });
  const told: string[] = [];
  const bar = (tenant: string): Promise<void> => Promise.resolve(void told.push(tenant));
  const caps = new LiveCaps({ bar, clock: { nowMs: () => Date.now(), timeScale: 1 } });
  await caps.set("web", 60);
  caps.stop();
  await caps.charge({ tenant: "web", cost: 1 });
  expect([told, vi.getTimerCount()]).toEqual([[], 0]);
});
