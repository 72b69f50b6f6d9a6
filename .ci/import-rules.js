/**
 * Runs dependency-cruiser over the sources, and fails also where it left out a file: without a TypeScript that it knows it
 * skips every `.ts` file and reports success.
 */
import { existsSync, globSync } from 'node:fs';
import { resolve } from 'node:path';
import { cruise, format } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import config from '../.dependency-cruiser.js';

const FOLDERS = ['src', 'adapters', 'migrations', 'test', 'bench', 'docs', 'examples'].filter((folder) =>
  existsSync(folder),
);

const options = { ...config.options, ruleSet: { forbidden: config.forbidden }, validate: true };
const { output: result } = await cruise(FOLDERS, options, undefined, {
  tsConfig: extractTSConfig(resolve('tsconfig.json')),
});
const { output: report, exitCode } = await format(result, { outputType: 'err-long' });
console.log(report.trim());

const cruised = new Set(result.modules.map((module) => module.source));
const files = globSync(FOLDERS.map((folder) => `${folder}/**/*.ts`));
const unseen = files.filter((file) => !cruised.has(file));
if (files.length === 0) console.error('There is no file to check: is this the root of the project?');
if (unseen.length > 0) console.error(`dependency-cruiser left out ${unseen.length} files: ${unseen.join(', ')}`);
process.exitCode = exitCode > 0 || files.length === 0 || unseen.length > 0 ? 1 : 0;
