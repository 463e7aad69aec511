/**
 * Ten lines for each preset, computed by hand, from the file that people write to the wish. The others have theirs beside their
 * controllers: HPA, KEDA, KPA, AWS step and target tracking, GCP, and the thresholds behind shape C.
 */
import { describe, expect, it } from "vitest";
import { counts, load } from "./loading.ts";
import type { Row } from "./timeline.ts";

describe("shape A, thresholds that are OR-ed: 100 requests a second or 1,000 waiting per replica, 80 % of the limit, CPU 70 %", () => {
  const config = `
auto_scaling:
  min_instances: 2
  max_instances: 50
  target_cpu_utilization: 70
  scale_up_threshold: { requests_per_second: 100, queue_depth: 1000, token_usage_rate: 80 }
  scale_down_delay_seconds: 300
  scale_up_cooldown_seconds: 60
`;
  const at = (atSeconds: number, rps: number, queue: number, tokens: number, cpu: number): Row => ({
    atSeconds,
    totals: { requests_per_second: rps, queue_depth: queue, token_usage_rate: tokens },
    each: { cpu_utilization: cpu },
  });

  it("adds one a minute while any is reached, and takes one when all were low for five", () => {
    const replicas = counts(load(config), 2, [
      at(0, 150, 0, 40, 30), //    75 each: low
      at(15, 200, 0, 40, 30), //   100 each: +1
      at(30, 300, 0, 40, 30), //   100 each, cooldown until 75 s
      at(75, 300, 0, 40, 30), //   100 each: +1
      at(135, 300, 4_000, 40, 30), // 1,000 waiting each: +1
      at(195, 300, 0, 80, 30), //  80 % of the limit: +1
      at(255, 300, 0, 40, 75), //  CPU: +1
      at(315, 300, 0, 40, 30), //  low from here
      at(600, 300, 0, 40, 30), //  285 s
      at(615, 300, 0, 40, 30), //  300 s: -1
    ]);
    expect(replicas).toEqual([2, 3, 3, 4, 5, 6, 7, 7, 7, 6]);
  });
});

describe("shape B, targets: CPU 70 %, 10,000 tokens a minute per replica, by Kubernetes' rules", () => {
  const config = `
scaling_policy:
  min_replicas: 2
  max_replicas: 20
  metrics:
    - { type: cpu, target_utilization: 70 }
    - { type: custom, name: tokens_per_minute, target: 10000 }
`;
  const at = (atSeconds: number, tokens: number | null, cpu: number): Row => ({
    atSeconds,
    totals: { tokens_per_minute: tokens },
    each: { cpu },
  });

  it("takes whichever wants more, doubles at most, and holds the highest wish of five minutes", () => {
    const replicas = counts(load(config), 2, [
      at(0, 20_000, 0.5), //    tokens want 2, CPU 2 x 50 / 70 = 1.4: 2
      at(15, 45_000, 0.5), //   tokens want 5; +4 pods allow 6
      at(30, 45_000, 1.05), //  CPU wants 5 x 105 / 70 = 8
      at(45, 100_000, 0.5), //  tokens want 10
      at(60, 105_000, 0.5), //  5 % above: within tolerance
      at(75, 250_000, 0.5), //  want 25, 20 at most; doubling allows 20
      at(90, 30_000, 0.1), //   want 3, held by 20
      at(360, 30_000, 0.1), //  the wish of 75 s is 285 s old
      at(375, 30_000, 0.1), //  300 s: out
      at(390, null, 0.1), //    CPU alone wants 1; no way down while a metric fails
    ]);
    expect(replicas).toEqual([2, 5, 8, 10, 10, 20, 20, 20, 3, 3]);
  });
});

describe("shape D, a queue: +3 at 1,500 waiting per instance, -1 at 500, cooldowns 30 s and 10 minutes", () => {
  const config = `
auto_scaling_config:
  scaling_policy:
    metric_type: queue_depth
    target_value: 1000
    scale_up: { threshold: 1500, cooldown: 30, adjustment: 3 }
    scale_down: { threshold: 500, cooldown: 600, adjustment: -1 }
    capacity: { min_instances: 1, max_instances: 10 }
`;
  const at = (atSeconds: number, queue: number): Row => ({ atSeconds, totals: { queue_depth: queue } });

  it("climbs in threes and comes down one at a time", () => {
    const replicas = counts(load(config), 1, [
      at(0, 1_000), //   1,000: between
      at(15, 1_500), //  +3
      at(30, 9_000), //  2,250 each: cooldown
      at(45, 9_000), //  +3
      at(75, 12_000), // 1,714 each: +3, 10 at most
      at(90, 12_000), // 1,200 each: between
      at(105, 5_000), // 500 each: ten minutes must have passed since a change
      at(675, 5_000), // 600 s: -1
      at(690, 1_000), // cooldown
      at(1_275, 1_000), // -1
    ]);
    expect(replicas).toEqual([1, 4, 4, 7, 10, 10, 10, 9, 9, 8]);
  });
});

describe("an Azure autoscale setting: +1 from 80 %, -1 to 60 %, a minute's average, five minutes between changes", () => {
  const rule = (operator: string, threshold: number, direction: string): string => `
      - metricTrigger: { metricName: Percentage CPU, timeGrain: PT1M, statistic: Average, timeWindow: PT1M, timeAggregation: Average, operator: ${operator}, threshold: ${threshold} }
        scaleAction: { direction: ${direction}, type: ChangeCount, value: "1", cooldown: PT5M }`;
  const config = `
name: gateway
profiles:
  - name: default
    capacity: { minimum: "2", maximum: "4", default: "2" }
    rules:${rule("GreaterThanOrEqual", 80, "Increase")}${rule("LessThanOrEqual", 60, "Decrease")}
`;
  const at = (minute: number, cpu: number): Row => ({ atSeconds: 60 * minute, each: { cpu_utilization: cpu } });

  it("waits out its cooldown, stops at its maximum, and skips what it would have to undo", () => {
    const replicas = counts(load(config), 2, [
      at(0, 70), //  between
      at(1, 80), //  +1
      at(2, 95), //  cooldown
      at(6, 95), //  five minutes: +1
      at(11, 95), // 4 at most
      at(12, 60), // 60 x 4 / 3 = 80: would scale out again, skipped
      at(13, 59), // 59 x 4 / 3 = 79: -1
      at(14, 50), // cooldown
      at(18, 55), // 55 x 3 / 2 = 83: skipped
      at(19, 50), // 50 x 3 / 2 = 75: -1
    ]);
    expect(replicas).toEqual([2, 3, 3, 4, 4, 4, 3, 3, 3, 2]);
  });
});

describe("a schedule: eight in business hours, three for the batch of Monday night, two otherwise", () => {
  const config = `
scheduled_scaling:
  starts: mon 07:00
  periods:
    - { name: business hours, days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00", min_instances: 8 }
    - { name: batch, days: [mon], from: "23:00", to: "02:00", min_instances: 3, max_instances: 3 }
  otherwise: { min_instances: 2, max_instances: 4 }
`;
  const hour = (hours: number, minutes = 0): Row => ({ atSeconds: (hours - 7) * 3_600 + minutes * 60 });

  it("goes by the minute of the week, over midnight and the weekend", () => {
    const replicas = counts(load(config), 2, [
      hour(7), //          Monday 07:00
      hour(7, 59), //      the minute before
      hour(8), //          opening
      hour(17, 59),
      hour(18), //         closing
      hour(23), //         the batch
      hour(24 + 1, 59), // Tuesday 01:59
      hour(24 + 2), //     the batch is over
      hour(24 + 8), //     Tuesday's opening
      hour(5 * 24 + 9), // Saturday 09:00
    ]);
    expect(replicas).toEqual([2, 2, 8, 8, 2, 3, 3, 2, 8, 2]);
  });
});
