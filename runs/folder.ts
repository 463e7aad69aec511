/**
 * The files of a run folder.
 *
 * Every file is written under a partial name and renamed when the run is whole, the manifest last: a folder with a manifest
 * holds a whole run, whatever happened to the process that wrote it.
 */
export const runFiles = {
  records: "records.ndjson.gz",
  events: "events.ndjson",
  timeline: "timeline.json",
  findings: "findings.json",
  report: "report.html",
  manifest: "manifest.json",
} as const;

/** The name of a file that is still being written. */
export function partialName(name: string): string {
  return `${name}.partial`;
}
