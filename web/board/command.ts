/** The command line that does the same as the board. */
import type { Candidate } from "./candidate.ts";
import type { Side } from "./views.ts";

export interface Written {
  /** What the texts were when they were taken from the server. */
  readonly scenarioText: string;
  readonly scalingText: string | undefined;
}

/**
 * A text that was changed has to be saved first, under a name of its own beside the scenario, so that what it names is found. `folder` is
 * where the server found the scenarios.
 */
export function commandOf(
  side: Side,
  folder: string,
  { name, scenarioText, scaling, seed }: Candidate,
  written: Written,
): string {
  const beside = name.includes("/") ? `${name.slice(0, name.lastIndexOf("/"))}/` : "";
  const scenario = scenarioText === written.scenarioText ? name : `${beside}candidate-${side}.yaml`;
  const isSame = scaling === undefined || scaling.text === written.scalingText;
  const words = [
    "squall simulate",
    quoted(`${folder}/${scenario}`),
    ...(isSame ? [] : [`--scaling ${quoted(`${folder}/${beside}${scaling.file}`)}`]),
    ...(seed === undefined ? [] : [`--seed ${seed}`]),
  ];
  return words.join(" ");
}

function quoted(word: string): string {
  return /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
