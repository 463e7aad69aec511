import { describe, expect, it } from "vitest";
import { withSettings } from "../../../core/scenario/override.ts";

const text = `# kept
platform:
  replicas: { start: 3 }
providers:
  a: { models: { gpt-4.1: { tpm: 2M } } }
traffic:
  arrivals:
    - { for: 5m, rate: 20/s }
`;

describe("settings in a text", () => {
  it.each([
    ["platform.replicas.start", 8, "start: 8"],
    ["platform.replicas.max", 8, "start: 3, max: 8"],
    ["providers.a.models.gpt-4.1.tpm", "4M", "gpt-4.1: { tpm: 4M }"],
    ["traffic.arrivals.0.rate", "40/s", "rate: 40/s"],
  ])("puts %s in its place", (path, value, written) => {
    const changed = withSettings(text, "s.yaml", [{ path, value }]);
    expect(changed).toContain(written);
    expect(changed).toContain("# kept");
  });

  it("leaves a text without settings as it is, to the byte", () => {
    expect(withSettings("a:   1\n", "s.yaml", [])).toBe("a:   1\n");
  });

  it.each([
    ["plattform.replicas.max", 'has no "plattform"', "did you mean platform?"],
    ["traffic.arrivals.1.rate", "a list of 1, counted from 0", ""],
    ["platform.replicas.start.more", "the value 3", ""],
  ])("refuses %s, which leads nowhere", (path, why, hint) => {
    const failing = (): string => withSettings(text, "s.yaml", [{ path, value: 1 }]);
    expect(failing).toThrow(why);
    try {
      failing();
    } catch (cause) {
      expect(String((cause as { hint?: string }).hint)).toContain(hint);
    }
  });
});
