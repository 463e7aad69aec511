import path from "node:path";
import { describe, expect, it } from "vitest";
import { cacheFolder } from "../../gateways/cache.ts";

describe("cacheFolder", () => {
  it.each([
    {
      why: "SQUALL_CACHE_DIR comes first",
      env: { SQUALL_CACHE_DIR: "/a/b", XDG_CACHE_HOME: "/xdg" },
      expected: "/a/b",
    },
    { why: "then squall's folder in XDG_CACHE_HOME", env: { XDG_CACHE_HOME: "/xdg" }, expected: "/xdg/squall" },
    {
      why: "a relative XDG_CACHE_HOME is ignored",
      env: { XDG_CACHE_HOME: "xdg" },
      expected: "/people/ann/.cache/squall",
    },
    { why: "an empty variable counts as unset", env: { SQUALL_CACHE_DIR: "" }, expected: "/people/ann/.cache/squall" },
  ])("$why", ({ env, expected }) => {
    expect(cacheFolder(env, "/people/ann")).toBe(path.resolve(expected));
  });
});
