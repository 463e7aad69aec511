import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dialects } from "../../mock-providers/dialects.ts";

/** What every dialect has, by the same name everywhere; see `mock-providers/dialect.ts`. */
const files = ["dialect.ts", "errors.ts", "models.ts", "reply.ts", "wire.ts"];

describe("the folder of a dialect", () => {
  it.each(Object.keys(dialects))("%s has what every dialect has, by its name", (name) => {
    const missing = files.filter(
      (file) => !existsSync(new URL(`../../mock-providers/${name}/${file}`, import.meta.url)),
    );
    expect(missing).toEqual([]);
  });
});
