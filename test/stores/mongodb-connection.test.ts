import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { databaseName, defaultsFor } from '../../adapters/stores/mongodb/connection-string.ts';
import { openMongoStore } from '../../adapters/stores/mongodb/mongodb-store.ts';
import { serverRefusal } from '../../adapters/stores/mongodb/server-requirements.ts';
import { freshMongodbUri, hasMongodb } from '../support/mongodb.ts';

const PASSWORD = 'pa55word-canary';

/** Everything that a log could show of an error, causes and hidden properties included. */
function shown(error: unknown): string {
  return inspect(error, { depth: 12, showHidden: true }) + JSON.stringify(error);
}

async function refusalOf(url: string): Promise<unknown> {
  try {
    await (await openMongoStore(url)).close();
    return 'opened';
  } catch (error) {
    return error;
  }
}

describe('connection strings', () => {
  test.each([
    ['mongodb://h', 'everbearer'],
    ['mongodb://h/', 'everbearer'],
    ['mongodb://h/?replicaSet=rs', 'everbearer'],
    ['mongodb://h?tls=true', 'everbearer'],
    ['mongodb://h/work', 'work'],
    ['mongodb://u:p@h1:1,h2:2,h3/work?w=1', 'work'],
    ['mongodb+srv://u:p@h/w%C3%B6rk', 'wörk'],
    ['mongodb://%2Ftmp%2Fmongodb.sock/work', 'work'],
  ])('%s names the database %s', (url, name) => {
    expect(databaseName(url)).toBe(name);
  });

  test('time-outs have defaults, and a URL that sets one keeps its own, whatever its spelling', () => {
    expect(defaultsFor('mongodb://h/work')).toEqual({
      appName: 'everbearer',
      serverSelectionTimeoutMS: 5_000,
      connectTimeoutMS: 5_000,
      waitQueueTimeoutMS: 5_000,
      socketTimeoutMS: 10_000,
    });
    const own = defaultsFor('mongodb://h/work?ServerSelectionTimeoutMS=9&appname=x');
    expect(Object.keys(own)).toEqual(['connectTimeoutMS', 'waitQueueTimeoutMS', 'socketTimeoutMS']);
  });

  test.each([
    `mongodb://u:${PASSWORD}@`,
    `mongodb://u:${PASSWORD}@h:99999999/x`,
    `mongodb://u:${PASSWORD}/x@h/y`,
    `mongodb://u:${PASSWORD}%ZZ@h/`,
    `mongodb://u:${PASSWORD}@h/x%ZZ`,
    `mongodb://u:${PASSWORD}@h/x?nope=1`,
    `mongodb+srv://u:${PASSWORD}@h:1/`,
    `postgres://u:${PASSWORD}@h/`,
    '',
  ])('%s cannot be read, and the error says how to write it without showing it', async (url) => {
    const error = await refusalOf(url);
    expect(error).toMatchObject({ code: 'configuration_missing', hint: expect.stringContaining('mongodb://') });
    expect(shown(error)).not.toContain(PASSWORD);
  });
});

describe('servers', () => {
  test.each([
    [{ isWritablePrimary: true, maxWireVersion: 13 }, undefined],
    [{ isWritablePrimary: true, maxWireVersion: 25, setName: 'rs' }, undefined],
    [{ msg: 'isdbgrid', maxWireVersion: 21 }, 'sharded'],
    [{ isWritablePrimary: true, maxWireVersion: 9 }, 'older than 5.0'],
    [{}, 'older than 5.0'],
  ])('hello %j -> %s', (hello, reason) => {
    const refusal = serverRefusal(hello);
    if (reason === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toMatchObject({ code: 'configuration_missing', message: expect.stringContaining(reason) });
  });
});

describe('a server that cannot be used', () => {
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  async function listen(onSocket: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      onSocket(socket);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  test.each([
    ['hangs up', (socket: Socket) => socket.destroy()],
    ['never answers', () => undefined],
    ['speaks another protocol', (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('one that %s is store_unavailable within the time-out', async (_name, onSocket) => {
    const port = await listen(onSocket);
    const started = performance.now();
    const error = await refusalOf(`mongodb://u:${PASSWORD}@127.0.0.1:${port}/?serverSelectionTimeoutMS=400`);
    expect(error).toMatchObject({ code: 'store_unavailable', retryable: true, hint: expect.any(String) });
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(shown(error)).not.toContain(PASSWORD);
  });

  test('one that does not listen is store_unavailable within the time-out', async () => {
    const port = await listen(() => undefined);
    servers.splice(0)[0]?.close();
    const error = await refusalOf(`mongodb://127.0.0.1:${port}/?serverSelectionTimeoutMS=300`);
    expect(error).toMatchObject({ code: 'store_unavailable' });
  });

  test.skipIf(!hasMongodb)('a wrong user or password is configuration_missing, and is not shown', async () => {
    const url = freshMongodbUri().replace('mongodb://', `mongodb://nobody:${PASSWORD}@`);
    const error = await refusalOf(url);
    expect(error).toMatchObject({ code: 'configuration_missing', message: expect.stringContaining('password') });
    expect(shown(error)).not.toContain(PASSWORD);
  });
});
