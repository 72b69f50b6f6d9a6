import { describe, expect, test } from 'vitest';
import { Interruption } from '../../src/cli/terminal.ts';
import { ERROR_CODES, EverbearerError, type ErrorCode } from '../../src/errors.ts';
import type { Page, PageOptions } from '../../src/kernel/page.ts';
import type { TaskResponse } from '../../src/task/tasks-face.ts';
import type { TokenInForce, TokenView } from '../../src/token/tokens-face.ts';
import { runFake } from './support/fake-terminal.ts';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];
const listed = async (...items: never[]): Promise<{ readonly items: readonly never[] }> => ({ items });

describe('a failure', () => {
  const failing = (code: ErrorCode): Parameters<typeof runFake>[1] => ({
    models: {
      list: async () => {
        throw new EverbearerError(code, 'It went wrong.', {
          hint: 'Do this.',
          retryAfterMs: 1_500,
          details: { pointer: '/a/b' },
        });
      },
    },
  });

  test.each(CODES)('%s ends with the exit code of its row', async (code) => {
    const { exit, stdout, stderr, isClosed } = await runFake(['models', 'list', '--json'], failing(code));
    expect({ exit, stderr, isClosed }).toEqual({ exit: ERROR_CODES[code].exit, stderr: '', isClosed: true });
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code,
        message: 'It went wrong.',
        hint: 'Do this.',
        retryable: ERROR_CODES[code].retryable,
        retry_after_ms: 1_500,
        pointer: '/a/b',
      },
    });
  });

  test('does not steer the terminal, whoever wrote its message', async () => {
    const parts = {
      models: {
        list: async () => {
          throw new EverbearerError('not_found', 'No \u001B[2J"x\u009B"');
        },
      },
    };
    expect((await runFake(['models', 'list'], parts)).stderr).toBe('not_found  No  [2J"x "\n');
  });

  test('is told to people with its place, its next attempt and what to do', async () => {
    const { stdout, stderr } = await runFake(['models', 'list'], failing('token_unavailable'));
    expect(stdout).toBe('');
    expect(stderr).toBe('token_unavailable  It went wrong.\nat pointer /a/b\nnext attempt in 2 s\nDo this.\n');
  });

  test('a foreign error is a bug of ours, exit 70, and its text is shown only to who asks', async () => {
    const parts = {
      models: {
        list: async () => {
          throw new RangeError('holds a secret');
        },
      },
    };
    const { exit, stdout } = await runFake(['models', 'list', '--json'], parts);
    expect(exit).toBe(70);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'internal' } });
    expect(stdout).not.toContain('holds a secret');
    const debugged = await runFake(['models', 'list'], parts, { environment: { EVERBEARER_DEBUG: '1' } });
    expect(debugged.stderr).toContain('holds a secret');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a verb without a word', async (name) => {
    const interrupted = new AbortController();
    const parts = {
      models: {
        list: async () => {
          interrupted.abort(new Interruption(name));
          throw new Error('what the abort made of it');
        },
      },
    };
    const { exit, stdout, stderr } = await runFake(['models', 'list'], parts, { signal: interrupted.signal });
    expect({ exit, stdout, stderr }).toEqual({ exit: name === 'SIGINT' ? 130 : 143, stdout: '', stderr: '' });
  });
});

describe('run', () => {
  const answered = (response: TaskResponse): Parameters<typeof runFake>[1] => ({
    tasks: { run: async () => response },
  });
  const OK: TaskResponse = {
    ok: true,
    method: 'GET',
    url: 'https://api.example/x',
    status: 200,
    statusText: 'OK',
    headers: {},
    body: { a: [1] },
  };

  test.each(CODES)(
    'a task that could not start for %s ends with its exit code and the response shape',
    async (code) => {
      const response: TaskResponse = { ok: false, error: 'No.', code, retryable: false };
      const { exit, stdout } = await runFake(['run', 'i', 'o', '--json'], answered(response));
      expect(exit).toBe(ERROR_CODES[code].exit);
      expect(JSON.parse(stdout)).toEqual(response);
    },
  );

  test('an answer outside 200-299 is exit 1', async () => {
    const error = { code: 'api_error', message: 'The API said 500.', retryable: false };
    const response: TaskResponse = { ...OK, ok: false, status: 500, statusText: 'Internal Server Error', error };
    const { exit, stdout, stderr } = await runFake(['run', 'i', 'o'], answered(response));
    expect(exit).toBe(1);
    expect(stdout).toBe('{\n  "a": [\n    1\n  ]\n}\n');
    expect(stderr).toContain('500 Internal Server Error  GET https://api.example/x');
  });

  test.each<readonly [string, unknown, string]>([
    ['JSON, indented', { a: 1 }, '{\n  "a": 1\n}\n'],
    ['text as it is', 'plain\ntext', 'plain\ntext\n'],
    ['nothing of an empty body', null, ''],
  ])('prints %s', async (_title, body, printed) => {
    expect((await runFake(['run', 'i', 'o'], answered({ ...OK, body }))).stdout).toBe(printed);
  });

  test.each<readonly [string, boolean, string]>([
    ['does not steer the terminal', true, 'a ]0;owned b\n  c\n'],
    ['reaches a file as it is', false, 'a\u001B]0;owned\u0007b\n  c\n'],
  ])('a body %s', async (_title, showsOutput, printed) => {
    const body = 'a\u001B]0;owned\u0007b\n  c';
    const { stdout } = await runFake(['run', 'i', 'o'], answered({ ...OK, body }), { showsOutput });
    expect(stdout).toBe(printed);
  });

  test.each<readonly [string, readonly string[], RegExp]>([
    ['is no object', ['--input', '[1]'], /must hold an object/],
    ['is no JSON: line and column', ['--input', '{"a": 1,\n "b" 2}'], /line 2, column 6/],
    ['ends too early', ['--input', '{"a":'], /line 1, column 6/],
    ['is a file that is not there', ['--input', '@/nowhere/at.json'], /cannot be read: \/nowhere\/at\.json/],
    ['is a file without its @', ['--input', import.meta.filename], /Did you mean --input @/],
    ['holds a file that is not there', ['--input', '{"body":{"file":"/nowhere/a.png"}}'], /cannot be read/],
  ])('an input that %s is exit 2, and is not repeated', async (_title, flags, message) => {
    const parts = {
      ...answered(OK),
      integrations: { get: async () => ({ model: 'm' }) as never },
      models: { task: async () => ({ operation: {} }) as never },
    };
    const { exit, stderr } = await runFake(['run', 'i', 'o', ...flags], parts);
    expect(exit).toBe(2);
    expect(stderr).toMatch(message);
  });

  describe('{file} in a body', () => {
    const FILE = import.meta.filename;
    const sent = async (input: unknown, ...mediaTypes: string[]): Promise<unknown> => {
      let seen: unknown;
      const content = Object.fromEntries(mediaTypes.map((type) => [type, {}]));
      await runFake(['run', 'i', 'o', '--input', JSON.stringify(input)], {
        tasks: {
          run: async (call) => {
            seen = call.input;
            return OK;
          },
        },
        integrations: { get: async () => ({ model: 'm' }) as never },
        models: { task: async () => ({ operation: { requestBody: { content } } }) as never },
      });
      return seen;
    };
    const read = { base64: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/) as string, filename: 'verbs.test.ts' };

    test.each<readonly [string, unknown, readonly string[], unknown]>([
      ['is read as the whole body', { file: FILE }, ['application/octet-stream'], read],
      ['is read as a part', { doc: { file: FILE }, n: 1 }, ['multipart/form-data'], { doc: read, n: 1 }],
      ['is read in a list of parts', { docs: [{ file: FILE }] }, ['multipart/form-data'], { docs: [read] }],
      [
        'keeps the name and type given to it',
        { file: FILE, filename: 'x.ts', contentType: 'text/plain' },
        ['*/*'],
        { ...read, filename: 'x.ts', contentType: 'text/plain' },
      ],
      ['is data of an operation that only takes JSON', { file: FILE }, ['application/json'], { file: FILE }],
      ['is data where it stands deeper', { a: { b: { file: FILE } } }, ['*/*'], { a: { b: { file: FILE } } }],
      ['is data beside other fields', { file: FILE, size: 'x' }, ['*/*'], { file: FILE, size: 'x' }],
    ])('%s', async (_title, body, mediaTypes, expected) => {
      expect(await sent({ body }, ...mediaTypes)).toEqual({ body: expected });
    });
  });
});

describe('values', () => {
  test.each<readonly [string, readonly string[], string]>([
    ['as JSON', ['--from', '{"egress":["a"]}'], ''],
    ['from standard input', ['--from', '-'], '\uFEFF{"egress":["a"]}\n'],
  ])('are read %s', async (_title, flags, stdin) => {
    let patch: unknown;
    const integrations = {
      set: async (_name: string, given: unknown) => {
        patch = given;
        return { name: 'i' } as never;
      },
    };
    const { exit } = await runFake(['integrations', 'set', 'i', ...flags], { integrations }, { stdin });
    expect({ exit, patch }).toEqual({ exit: 0, patch: { egress: ['a'] } });
  });

  test.each(['integrations set', 'token set'])('%s without any is exit 2', async (verb) => {
    const { exit, stderr } = await runFake([...verb.split(' '), 'i']);
    expect(exit).toBe(2);
    expect(stderr).toContain('--from');
  });
});

describe('integrations create', () => {
  const MISSING = [
    { scheme: '', input: 'server', secret: false },
    { scheme: 'shop', input: 'client_id', secret: false },
    { scheme: 'shop', input: 'client_secret', secret: true },
  ];
  const asking = (created: unknown[]): Parameters<typeof runFake>[1] => ({
    integrations: {
      missing: async () => MISSING,
      create: async (input) => {
        created.push(input);
        return { name: input.name } as never;
      },
    },
  });
  const COMMAND = ['integrations', 'create', 'i', '--model', 'M:1'];

  test('without a terminal, what is missing is named, exit 3', async () => {
    const { exit, stdout } = await runFake([...COMMAND, '--json'], asking([]));
    expect(exit).toBe(3);
    const { error } = JSON.parse(stdout) as { readonly error: Readonly<Record<string, unknown>> };
    expect(error).toMatchObject({
      code: 'configuration_missing',
      message: 'Not given: server, shop.client_id, shop.client_secret.',
      missing: MISSING,
    });
    expect(error['hint']).toContain(
      '{"server":{"url":"…"},"authentication":{"shop":{"client_id":"…","client_secret":"…"}}}',
    );
  });

  test('on a terminal it is asked for, secrets hidden; an empty answer leaves it out', async () => {
    const created: unknown[] = [];
    const { exit, terminal } = await runFake(COMMAND, asking(created), {
      isInteractive: true,
      answers: ['https://shop.example', 'me', ''],
    });
    expect(exit).toBe(0);
    expect(terminal.asked).toEqual([
      { question: 'server', secret: false },
      { question: 'shop.client_id', secret: false },
      { question: 'shop.client_secret', secret: true },
    ]);
    expect(created).toEqual([
      {
        name: 'i',
        model: 'M:1',
        server: { url: 'https://shop.example' },
        authentication: { shop: { client_id: 'me' } },
      },
    ]);
  });

  test('with --from nothing is asked, and --server is put over it', async () => {
    const created: unknown[] = [];
    const flags = ['--from', '{"server":{"url":"https://a"},"name":"other"}', '--server', 'https://b'];
    const { exit, terminal } = await runFake([...COMMAND, ...flags], asking(created), { isInteractive: true });
    expect({ exit, asked: terminal.asked }).toEqual({ exit: 0, asked: [] });
    expect(created).toEqual([{ name: 'i', model: 'M:1', server: { url: 'https://b' } }]);
  });

  test.each<readonly [string, readonly string[], RegExp]>([
    ['without a model', ['integrations', 'create', 'i'], /--model <versionId>/],
    ['with values that are no object', [...COMMAND, '--from', '"x"'], /must hold an object/],
  ])('%s is exit 2', async (_title, args, message) => {
    const { exit, stderr } = await runFake(args, asking([]));
    expect(exit).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('token', () => {
  const VIEW: TokenView = {
    integration: 'i',
    scheme: 's',
    state: 'valid',
    token_type: 'Bearer',
    access_token: '…a1b2',
    has_refresh_token: true,
    scope: null,
    expires_in: 60,
    expires_at: '2026-01-31T12:00:00.000Z',
    created_at: '2026-01-31T11:59:00.000Z',
    obtained_by: 'password',
    version: 3,
  };
  const IN_FORCE: TokenInForce = {
    access_token: 'the-whole-token-a1b2',
    token_type: 'Bearer',
    expires_at: VIEW.expires_at,
    headers: { Authorization: 'Bearer the-whole-token-a1b2' },
    query: {},
    cookies: {},
    version: 'opaque',
    invalidate: async () => undefined,
  };
  const tokens = { show: async () => VIEW, get: async () => IN_FORCE };

  test('get prints the token alone', async () => {
    expect(await runFake(['token', 'get', 'i'], { tokens })).toMatchObject({
      exit: 0,
      stdout: 'the-whole-token-a1b2\n',
    });
  });

  test('get --json is the token as shown, with the real access_token and what a request needs', async () => {
    const { stdout } = await runFake(['token', 'get', 'i', '--json'], { tokens });
    expect(JSON.parse(stdout)).toEqual({
      ...VIEW,
      access_token: IN_FORCE.access_token,
      headers: IN_FORCE.headers,
      query: {},
      cookies: {},
    });
  });

  test('show --json is the token as shown', async () => {
    expect(JSON.parse((await runFake(['token', 'show', 'i', '--json'], { tokens })).stdout)).toEqual(VIEW);
  });

  test('scheme and scopes are given on', async () => {
    let asked: unknown;
    await runFake(['token', 'show', 'i', '--scheme', 's', '--scopes', 'a  b'], {
      tokens: {
        show: async ({ signal: _signal, ...query }) => {
          asked = query;
          return VIEW;
        },
      },
    });
    expect(asked).toEqual({ integration: 'i', scheme: 's', scopes: ['a', 'b'] });
  });
});

describe('lists are {items}, however many pages they have', () => {
  const pages = async ({ after }: PageOptions = {}): Promise<Page<never>> =>
    after === undefined
      ? { items: [{ name: 'a', server: {} } as never], next: '1' }
      : { items: [{ name: 'b' } as never] };

  test('integrations list', async () => {
    const { stdout } = await runFake(['integrations', 'list', '--json'], { integrations: { list: pages } });
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ name: 'a' }, { name: 'b' }] });
  });

  test.each<readonly [string, Parameters<typeof runFake>[1]]>([
    ['models list', { models: { list: async () => await listed() } }],
    ['integrations list', { integrations: { list: async () => await listed() } }],
    ['events', { events: { list: async () => await listed() } }],
  ])('%s of nothing', async (verb, parts) => {
    expect(JSON.parse((await runFake([...verb.split(' '), '--json'], parts)).stdout)).toEqual({ items: [] });
    expect((await runFake(verb.split(' '), parts)).stdout).not.toBe('');
  });
});

describe('events', () => {
  const event = (id: string): never => ({ id, at: id, type: 't', actor: 'a', reason: 'r', outcome: 'ok' }) as never;

  test('the newest are printed, oldest first', async () => {
    const parts = { events: { list: async () => await listed(event('2'), event('1')) } };
    const { stdout } = await runFake(['events', '--json'], parts);
    expect((JSON.parse(stdout) as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual(['1', '2']);
  });

  test('of an integration that never was are exit 2', async () => {
    const missing = async (): Promise<never> => {
      throw new EverbearerError('not_found', 'There is none.');
    };
    const parts = { events: { list: async () => await listed() }, integrations: { get: missing } };
    expect((await runFake(['events', 'nobody'], parts)).exit).toBe(2);
  });

  test('--follow prints one document a line until it is ended, exit 0', async () => {
    const ended = new AbortController();
    const asked: unknown[] = [];
    const parts = {
      events: {
        list: async (query: { readonly order?: string; readonly after?: string } = {}) => {
          asked.push([query.order, query.after]);
          if (query.order === undefined) return await listed(event('2'), event('1'));
          if (query.after === '2') return await listed(event('3'), event('4'));
          ended.abort(new Interruption('SIGINT'));
          return await listed(event('5'));
        },
      },
    };
    const { exit, stdout } = await runFake(['events', '--follow', '--json'], parts, { signal: ended.signal });
    expect(exit).toBe(0);
    const ids = stdout
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toEqual(['1', '2', '3', '4', '5']);
    expect(asked).toEqual([
      [undefined, undefined],
      ['oldest', '2'],
      ['oldest', '4'],
    ]);
  });
});

describe('colour', () => {
  const parts = { tokens: { show: async () => ({ state: 'valid', version: 1 }) as never } };
  const ESCAPE = '\u001B[';

  test.each<readonly [string, boolean, readonly string[], boolean]>([
    ['is there for people who see it', true, [], true],
    ['is nowhere else', false, [], false],
    ['is never in JSON', true, ['--json'], false],
  ])('%s', async (_title, hasColour, flags, expected) => {
    const { stdout } = await runFake(['token', 'show', 'i', ...flags], parts, { hasColour });
    expect(stdout.includes(ESCAPE)).toBe(expected);
  });
});
