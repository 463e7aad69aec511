/**
 * The last line of .ci/run: `N passed, N failed, N skipped`, from vitest's JSON report.
 * Exits 1 if a test failed, if a stage before the tests failed, or if no test ran.
 */
import { readFileSync } from "node:fs";

const [file, failedStages] = process.argv.slice(2);
const { passed, failed, skipped, note } = count(file);
if (note !== undefined) console.log(note);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 || Number(failedStages) > 0 ? 1 : 0;

function count(reportFile) {
  let report;
  try {
    report = JSON.parse(readFileSync(reportFile, "utf8"));
  } catch (cause) {
    return { passed: 0, failed: 1, skipped: 0, note: `the tests left no readable report: ${cause.message}` };
  }
  const passed = report.numPassedTests;
  // A file that fails before its first test counts no test, so a failed file without failed tests counts as one.
  const brokenFiles = report.testResults.filter(
    (each) => each.status === "failed" && !each.assertionResults.some((test) => test.status === "failed"),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  const skipped = (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0);
  const note = passed + failed === 0 ? "no test ran, which is a failure" : undefined;
  return { passed, failed, skipped, note };
}
