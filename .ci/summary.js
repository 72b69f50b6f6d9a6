/**
 * `node .ci/summary.js <folder> [failed step …]`: adds up Vitest's JSON results in the folder and ends with the line
 * `N passed, N failed`. A failed step whose results name no failed test counts as one failure, so that the line never says 0 for a
 * run that failed.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join, parse } from 'node:path';

const [folder, ...failedSteps] = process.argv.slice(2);
const suites = readdirSync(folder).map((file) => ({
  step: parse(file).name,
  ...JSON.parse(readFileSync(join(folder, file), 'utf8')),
}));
const sum = (field) => suites.reduce((total, suite) => total + (suite[field] ?? 0), 0);
const withoutFailedTest = failedSteps.filter(
  (step) => !suites.some((suite) => suite.step === step && suite.numFailedTests > 0),
);

for (const { step, numPassedTests = 0, numFailedTests = 0, numPendingTests = 0 } of suites) {
  console.log(`${step}: ${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
}
if (failedSteps.length > 0) console.log(`Failed steps: ${failedSteps.join(', ')}`);

const failed = sum('numFailedTests') + withoutFailedTest.length;
console.log(`${sum('numPassedTests')} passed, ${failed} failed`);
process.exitCode = failed === 0 && sum('numPassedTests') > 0 ? 0 : 1;
