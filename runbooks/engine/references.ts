/** How a runbook names what an earlier step gave: `steps.ID.output`, and in texts and commands `{{ steps.ID.output }}`. */
/** `steps.ID.FIELD`, and of `json` a path within it. */
export interface StepReference {
  readonly step: string;
  readonly field: string;
  readonly path: readonly string[];
}

const reference = /^steps\.([a-z][a-z0-9-]*(?:\.\d+)*)\.(output|status|before|who|json)((?:\.[\w-]+)*)$/;

/** `steps.ID.output` as data; undefined when it is none. */
export function parseReference(written: string): StepReference | undefined {
  const [, step, field, path = ""] = reference.exec(written.trim()) ?? [];
  if (step === undefined || field === undefined || (path !== "" && field !== "json")) return undefined;
  return { step, field, path: path.split(".").slice(1) };
}

export function describeReference({ step, field, path }: StepReference): string {
  return ["steps", step, field, ...path].join(".");
}

/** What is filled in: text between double braces. */
export const holes: RegExp = /\{\{([^{}]*)\}\}/g;

/** What stands between double braces, each as written. */
export function referencesIn(written: string): readonly string[] {
  return [...written.matchAll(holes)].map(([, inner = ""]) => inner.trim());
}
