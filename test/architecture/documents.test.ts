import { describe, expect, it } from "vitest";
import {
  decisionsAreNumbered,
  dependenciesHaveReasons,
  linksResolve,
  scriptsAreDescribed,
  sectionsExist,
} from "./documents.ts";
import { describeViolation, type Rule, type SourceFile } from "./rules.ts";

const readme = "# Squall\n\n[how](docs/guide.md#first-steps) ![page](docs/page.png) [away](https://example.org/x)\n";
const guide = "# Guide\n\n## First steps\n\n[back](../README.md)\n";
const contributing = "# Contributing\n\n| `npm test` | all |\n| `npm run format`, `format:check` | form |\n";
const decision =
  "# 0001 Dependencies\n\n| At run time | why |\n| --- | --- |\n| zod 4.6.7, yaml 2.9.1 (both) | types |\n";

const tree: Readonly<Record<string, string>> = {
  "README.md": readme,
  "docs/guide.md": guide,
  "CONTRIBUTING.md": contributing,
  "docs/adr/0001-dependencies.md": decision,
  "core/errors.ts": '/** Fixed by contract (README.md, "Squall"). */\n',
};

function seen(rule: Rule, changes: Readonly<Record<string, string>> = {}): readonly string[] {
  const files = Object.entries({ ...tree, ...changes }).map(([path, text]): SourceFile => ({ path, text }));
  return rule(files).map(describeViolation);
}

const exists = (file: string): boolean => Object.hasOwn(tree, file) || file === "docs/page.png";

describe("the rules for documents", () => {
  it("find nothing wrong with documents that point at what is there", () => {
    expect(seen(linksResolve(exists))).toEqual([]);
    expect(seen(sectionsExist)).toEqual([]);
    expect(seen(scriptsAreDescribed(["test", "format", "format:check"]))).toEqual([]);
    expect(seen(dependenciesHaveReasons(["zod", "yaml"], "docs/adr/0001-dependencies.md"))).toEqual([]);
    expect(seen(decisionsAreNumbered)).toEqual([]);
  });

  it("see a link to a file that is gone, and to a heading that is not there", () => {
    expect(seen(linksResolve(exists), { "README.md": "# Squall\n[gone](docs/old.md)\n" })).toEqual([
      "README.md:2 [link] docs/old.md: there is no docs/old.md",
    ]);
    expect(seen(linksResolve(exists), { "docs/guide.md": "# Guide\n" })).toEqual([
      "README.md:3 [link] docs/guide.md#first-steps: docs/guide.md has no such heading",
    ]);
  });

  it("see a comment that names a section which is not there", () => {
    expect(seen(sectionsExist, { "core/errors.ts": '// see\n// (README.md, "Contracts")\n' })).toEqual([
      'core/errors.ts:2 [section] README.md has no section "Contracts"',
    ]);
  });

  it("see a script that nobody describes, and one that is not there", () => {
    expect(seen(scriptsAreDescribed(["test", "format", "format:check", "arch"]))).toEqual([
      'CONTRIBUTING.md:1 [script] "arch" is in package.json, and in no table here',
    ]);
    expect(seen(scriptsAreDescribed(["test", "format", "format:check"]), { "README.md": "`npm run fly`" })).toEqual([
      'README.md:1 [script] package.json has no script "fly"',
    ]);
  });

  it("see a dependency without a reason, and a reason without its dependency", () => {
    expect(seen(dependenciesHaveReasons(["zod", "vega"], "docs/adr/0001-dependencies.md"))).toEqual([
      "docs/adr/0001-dependencies.md:1 [dependency] vega is in package.json, and has no reason here",
      "docs/adr/0001-dependencies.md:1 [dependency] yaml has a reason here, and is not in package.json",
    ]);
  });

  it("see a gap in the numbers of decisions, and a title without its number", () => {
    expect(seen(decisionsAreNumbered, { "docs/adr/0003-more.md": "# 0003 More\n" })).toEqual([
      "docs/adr/0003-more.md:1 [decision] is number 0002 by its place; name it so",
    ]);
    expect(seen(decisionsAreNumbered, { "docs/adr/0002-more.md": "# More\n" })).toEqual([
      'docs/adr/0002-more.md:1 [decision] its title begins with "# 0002 "',
    ]);
  });
});
