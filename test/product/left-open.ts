/** A program that uses Everbearer and doesn't close it. Arguments: options of `createEverbearer` as JSON. */
import { createEverbearer } from '../../src/index.ts';

await createEverbearer(JSON.parse(process.argv[2] ?? '{}') as object);
