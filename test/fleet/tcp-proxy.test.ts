/** The frayed wire itself: that each fault is what its name says. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts';

let behind: Server;
/** What has reached the server. */
let received: string;
let proxy: TcpProxy;
let clients: Client[];

interface Client {
  readonly socket: Socket;
  /** What has come back. */
  readonly answers: () => string;
  readonly isBroken: () => boolean;
}

/** A server that answers what it gets in capitals. */
beforeEach(async () => {
  received = '';
  clients = [];
  behind = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      received += bytes.toString();
      socket.write(bytes.toString().toUpperCase());
    });
  });
  await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
  proxy = await startTcpProxy(`127.0.0.1:${(behind.address() as AddressInfo).port}`);
});

afterEach(async () => {
  for (const { socket } of clients) socket.destroy();
  await proxy.close();
  await new Promise((resolve) => behind.close(resolve));
});

async function open(): Promise<Client> {
  const [host = '', port] = proxy.host.split(':');
  const socket = connect({ host, port: Number(port) });
  let [answers, broken] = ['', false];
  socket.on('data', (bytes) => (answers += bytes.toString()));
  socket.on('error', () => (broken = true));
  socket.on('close', () => (broken = true));
  const client = { socket, answers: () => answers, isBroken: () => broken };
  clients.push(client);
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return client;
}

/** Opens and sees one answer pass. */
async function greeted(): Promise<Client> {
  const client = await open();
  client.socket.write('hello');
  await expect.poll(client.answers).toBe('HELLO');
  return client;
}

test('cut breaks what is open and lets new connections pass', async () => {
  const client = await greeted();
  proxy.cut();
  await expect.poll(client.isBroken).toBe(true);
  await greeted();
  expect(proxy.connections()).toBe(1);
});

test('refuse breaks new connections too, until pass', async () => {
  await greeted();
  proxy.refuse();
  const refused = await open();
  await expect.poll(refused.isBroken).toBe(true);
  proxy.pass();
  await greeted();
});

test('freeze holds both ways and loses nothing', async () => {
  const client = await greeted();
  proxy.freeze();
  client.socket.write(' there');
  const late = await open();
  late.socket.write(' late');
  // Something else makes the round trip meanwhile: what is frozen had the time to.
  const other = await startTcpProxy(`127.0.0.1:${(behind.address() as AddressInfo).port}`);
  const [host = '', port] = other.host.split(':');
  const free = connect({ host, port: Number(port) });
  free.write(' free');
  await once(free, 'data');
  free.destroy();
  await other.close();
  expect(received).toBe('hello free');
  proxy.pass();
  await expect.poll(() => [client.answers(), late.answers()]).toEqual(['HELLO THERE', ' LATE']);
});

test.each([
  ['to-server', 'hello'],
  ['to-client', 'hello gone'],
] as const)(
  'lose %s: the other side hears nothing of it, and the torn connection breaks at pass',
  async (way, heard) => {
    const client = await greeted();
    proxy.lose(way);
    client.socket.write(' gone');
    await expect.poll(() => proxy.torn()).toBe(1);
    expect({ received, answers: client.answers(), broken: client.isBroken() }).toEqual({
      received: heard,
      answers: 'HELLO',
      broken: false,
    });
    proxy.pass();
    await expect.poll(client.isBroken).toBe(true);
    await greeted();
  },
);

test('loseReplyTo lets the request through and breaks the connection in place of its reply', async () => {
  const [other, client] = [await greeted(), await greeted()];
  const lost = proxy.loseReplyTo('save');
  other.socket.write(' read');
  await expect.poll(other.answers).toBe('HELLO READ');
  client.socket.write(' save');
  await lost;
  await expect.poll(client.isBroken).toBe(true);
  expect(received).toContain('save');
  expect(client.answers()).toBe('HELLO');
  expect(other.isBroken()).toBe(false);
});

test('delay keeps the order', async () => {
  const client = await greeted();
  proxy.delay(50);
  const began = performance.now();
  client.socket.write('a');
  // Its way back is late as well.
  await expect.poll(() => received).toBe('helloa');
  proxy.delay(0);
  client.socket.write('b');
  await expect.poll(client.answers).toBe('HELLOAB');
  expect(performance.now() - began).toBeGreaterThanOrEqual(50);
});
