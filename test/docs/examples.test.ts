/** Every example of the table of verbs is run as it stands, in the order of the table. */
import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Everbearer } from '../../src/api.ts';
import { VERBS } from '../../src/cli/verbs.ts';
import type { Provider } from '../../src/demo/provider.ts';
import { createEverbearer } from '../../src/everbearer.ts';
import { MAIN, plainEnvironment, temporaryFolder } from '../cli/support/cli-process.ts';
import { shopValues, startShop, VERSION_ID } from '../cli/support/shop.ts';
import { ROOT } from './pages.ts';

const EXAMPLES = VERBS.flatMap(({ name, examples }) => examples.map((example) => ({ name, example })));

describe('the examples of the verbs', () => {
  let provider: Provider;
  let site: Server;
  let everbearer: Everbearer;
  let cwd: string;

  /** A model nobody uses, an integration, and the files that the examples name. */
  beforeAll(async () => {
    provider = await startShop();
    cwd = await temporaryFolder((clean) => {
      afterAll(clean);
    });
    const yaml = readFileSync(join(ROOT, 'examples/bookshop.yaml'), 'utf8');
    site = createServer((_request, response) => response.end(yaml));
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    writeFileSync(join(cwd, 'shop.json'), JSON.stringify(shopValues(provider)));
    writeFileSync(join(cwd, 'token.json'), '{"access_token":"by-hand","expires_in":60}');
    writeFileSync(join(cwd, 'book.json'), '{"body":{"isbn":"9780141439518","title":"Emma","author":"Jane Austen"}}');
    mkdirSync(join(cwd, 'specs'));
    cpSync(join(ROOT, 'examples/bookshop.yaml'), join(cwd, 'specs/bookshop.yaml'));
    everbearer = await createEverbearer({ store: `sqlite:${join(cwd, '.everbearer/everbearer.db')}` });
    const old = yaml.replace('title: Bookshop', 'title: Old Bookshop').replace(/version: .*/, "version: '0.9'");
    for (const text of [yaml, old]) await everbearer.models.import({ name: 'example', bytes: Buffer.from(text) });
    mkdirSync(join(cwd, 'bin'));
    writeFileSync(join(cwd, 'bin/everbearer'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
    chmodSync(join(cwd, 'bin/everbearer'), 0o755);
  });
  afterAll(async () => {
    await everbearer.close();
    await provider.close();
    site.close();
  });
  /** Each example finds the integration, whatever the one before did; one that makes it finds none. */
  beforeEach(async ({ task }) => {
    cpSync(join(ROOT, 'examples/bookshop.yaml'), join(cwd, 'bookshop.yaml'));
    await everbearer.integrations.remove('shop').catch(() => undefined);
    if (/ create | --as /.test(task.name)) return;
    await everbearer.integrations.create({ name: 'shop', model: VERSION_ID, ...shopValues(provider) });
  });

  /** What an example can't do by itself in a test: reach a host that isn't there, be answered, or be ended. */
  function runnable(example: string): string {
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/openapi.json`;
    const command = `everbearer ${example}`
      .replace('https://api.example.com/openapi.json', url)
      .replace('https://shop.example.com', provider.apiUrl);
    if (example === 'demo' || example.includes('--follow')) return `timeout --signal=INT 6 ${command}`;
    if (example.endsWith('--from -')) return `echo '{"resendWrites":true}' | ${command}`;
    return command;
  }

  test.each(EXAMPLES)(
    'everbearer $example',
    async ({ example }) => {
      const env = plainEnvironment({ PATH: `${join(cwd, 'bin')}:${process.env['PATH'] ?? ''}` });
      const outcome = await promisify(execFile)('bash', ['-c', `set -o pipefail; ${runnable(example)}`], { cwd, env })
        .then(({ stdout }) => ({ code: 0, told: stdout }))
        .catch((error: unknown) => {
          const { code, stdout, stderr } = error as {
            readonly code: number;
            readonly stdout: string;
            readonly stderr: string;
          };
          return { code, told: stdout + stderr };
        });
      // Nobody is there to be asked for what is missing.
      const asks = example.startsWith('integrations create') && !example.includes('--from');
      // `timeout` says 124 where it had to end what it ran.
      const ended = runnable(example).startsWith('timeout') ? [0, 124] : [0];
      expect(asks ? [3] : ended, outcome.told).toContain(outcome.code);
    },
    60_000,
  );
});
