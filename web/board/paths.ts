/** Paths of the files that the server offers, with `/` and without `..`. */

/** A file named in a scenario, from where the scenario lies: `./a.yaml` in `drills/b.yaml` is `drills/a.yaml`. */
export function pathBeside(scenario: string, name: string): string {
  const steps = [...scenario.split("/").slice(0, -1), ...name.split("/")];
  const path: string[] = [];
  for (const step of steps) {
    if (step === "..") path.pop();
    else if (step !== "." && step !== "") path.push(step);
  }
  return path.join("/");
}
