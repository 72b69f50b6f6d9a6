/** Before a person: questions, hidden secrets, colour, progress, Ctrl-C, Ctrl-D. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCliProcess, temporaryFolder } from './support/cli-process.ts';
import { BOOKSHOP, VERSION_ID } from './support/shop.ts';
import { hasTerminal, terminalSession, type TerminalSession } from './support/terminal-session.ts';

const ESCAPE = '\u001B[';
const SECRET = 'typed-in-secret';
let cwd: string;

beforeAll(async () => {
  cwd = await temporaryFolder((clean) => {
    afterAll(clean);
  });
  writeFileSync(join(cwd, 'bookshop.json'), JSON.stringify(BOOKSHOP));
  expect((await runCliProcess(['import', 'bookshop.json'], { cwd })).exit).toBe(0);
});

describe.skipIf(!hasTerminal)('a terminal', () => {
  const create = (name: string, ...steps: { expect: string; send: string }[]): TerminalSession =>
    terminalSession(['integrations', 'create', name, '--model', VERSION_ID], { cwd, steps });

  test('is asked for what is missing; what is secret is never shown', async () => {
    const session = create(
      'asked',
      { expect: 'shop.client_id: ', send: 'typed-in-id\r' },
      { expect: 'shop.client_secret:', send: `${SECRET}\r` },
    );
    expect(session).toMatchObject({ exit: 0, unmet: [] });
    expect(session.screen).toContain('typed-in-id');
    expect(session.screen).not.toContain(SECRET);
    expect(session.screen).not.toContain('*'.repeat(SECRET.length));
    const shown = await runCliProcess(['integrations', 'show', 'asked', '--json'], { cwd });
    expect(shown.json()).toMatchObject({
      authentication: { shop: { client_id: 'typed-in-id', client_secret: '…cret' } },
    });
  });

  test.each<readonly [string, readonly { expect: string; send: string }[]]>([
    ['a question', [{ expect: 'shop.client_id: ', send: '\u0003' }]],
    [
      'the question for a secret',
      [
        { expect: 'shop.client_id: ', send: 'x\r' },
        { expect: 'shop.client_secret:', send: '\u0003' },
      ],
    ],
  ])('Ctrl-C at %s ends it: exit 130, no bug report, nothing made', async (_title, steps) => {
    const session = create('ended', ...steps);
    expect(session).toMatchObject({ exit: 130, unmet: [] });
    expect(session.screen).not.toMatch(/internal|report|unsettled|at .*\.ts/i);
    expect((await runCliProcess(['integrations', 'show', 'ended'], { cwd })).exit).toBe(2);
  });

  test('Ctrl-D at a question is exit 3: it was not answered', () => {
    const session = create('unanswered', { expect: 'shop.client_id: ', send: '\u0004' });
    expect(session).toMatchObject({ exit: 3, unmet: [] });
    expect(session.screen).toContain('Not answered: shop.client_id.');
  });

  test('that gives a value itself is told how to end it', () => {
    const steps = [{ expect: 'end it with Ctrl-D', send: '{"resendWrites":true}\n\u0004' }];
    const made = terminalSession(['integrations', 'create', 'typed', '--model', VERSION_ID, '--from', '-'], {
      cwd,
      steps,
    });
    expect(made).toMatchObject({ exit: 0, unmet: [] });
  });

  describe('colour', () => {
    const show = (options: Partial<Parameters<typeof terminalSession>[1]> = {}): TerminalSession =>
      terminalSession(['models', 'show', VERSION_ID], { cwd, ...options });

    test('is shown', () => {
      expect(show().screen).toContain(ESCAPE);
    });

    test.each(['NO_COLOR=1', 'TERM=dumb'])('is not shown with %s', (setting) => {
      const [name = '', value = ''] = setting.split('=');
      const { screen, exit } = show({ env: { [name]: value } });
      expect({ exit, hasColour: screen.includes(ESCAPE) }).toEqual({ exit: 0, hasColour: false });
    });

    test('never reaches a file', () => {
      const { stdout } = show({ stdout: 'pipe' });
      expect(stdout).toContain(VERSION_ID);
      expect(stdout).not.toContain(ESCAPE);
    });
  });

  test('a directory import shows a progress bar on standard error, and cleans up after it', () => {
    const { screen, stdout, exit } = terminalSession(['import', '.', '--json'], { cwd, stdout: 'pipe' });
    expect(exit).toBe(0);
    expect(screen).toMatch(/\/\d+ documents/);
    expect(screen).toContain(`${ESCAPE}?25h`);
    expect(JSON.parse(stdout)).toMatchObject({ imported: 1 });
  });

  test('Ctrl-C ends --follow, exit 0', () => {
    const steps = [{ expect: 'model_imported', send: '\u0003' }];
    expect(terminalSession(['events', '--follow'], { cwd, steps })).toMatchObject({ exit: 0, unmet: [] });
  });
});
