import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { describe, expect, test } from 'vitest';
import { destinationOf, failureOf, openClient, requestOf, serveHttp } from './http-client-servers.ts';

/** A resolver that answers with the next list at each question. */
function lookupOf(...answers: readonly (readonly string[])[]): { lookup: LookupFunction; questions: string[] } {
  const questions: string[] = [];
  const lookup: LookupFunction = (hostname, options, callback) => {
    const addresses = answers[Math.min(questions.length, answers.length - 1)] ?? [];
    questions.push(hostname);
    const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all === true) callback(null, found);
    else callback(null, found[0]?.address ?? '', found[0]?.family);
  };
  return { lookup, questions };
}

const NAMED = destinationOf({ hosts: ['api.test'], allowHttp: true, privateAddresses: 'open' });

async function serveCounted(): Promise<{ port: string; calls: () => number }> {
  let calls = 0;
  const origin = await serveHttp((_request, response) => response.end(String(++calls)));
  return { port: new URL(origin).port, calls: () => calls };
}

describe('the address that a name resolves to', () => {
  test.each([
    ['169.254.169.254'],
    ['::ffff:169.254.169.254'],
    ['fe80::1'],
    ['fd00:ec2::254'],
    ['100.100.100.200'],
    ['0.0.0.0'],
    ['224.0.0.1'],
    ['::'],
  ])('%s is never connected to', async (address) => {
    const client = openClient(lookupOf([address]));
    const failure = await failureOf(client.request(requestOf('http://api.test/', { destination: NAMED })));
    expect(failure).toMatchObject({ kind: 'egress', sent: false, origin: 'http://api.test' });
  });

  test('is checked again for every new connection: rebinding to a forbidden one is refused', async () => {
    const { port, calls } = await serveCounted();
    const client = openClient(lookupOf(['127.0.0.1'], ['169.254.169.254']));
    const request = requestOf(`http://api.test:${port}/`, { destination: NAMED });
    expect((await client.request(request)).status).toBe(200);
    const [second] = await Promise.allSettled([failureOf(client.request({ ...request, destination: { ...NAMED } }))]);
    expect(second).toMatchObject({ value: { kind: 'egress', sent: false } });
    expect(calls()).toBe(1);
  });

  test('is asked for once a connection, and the answer that was checked is the one connected to', async () => {
    const { port, calls } = await serveCounted();
    const { lookup, questions } = lookupOf(['127.0.0.1'], ['10.255.255.1']);
    const client = openClient({ lookup });
    await client.request(requestOf(`http://api.test:${port}/`, { destination: NAMED }));
    expect(questions).toEqual(['api.test']);
    expect(calls()).toBe(1);
  });

  test('is left out where it is forbidden and others are not', async () => {
    const { port } = await serveCounted();
    const client = openClient(lookupOf(['169.254.169.254', '127.0.0.1', 'fe80::1']));
    expect((await client.request(requestOf(`http://api.test:${port}/`, { destination: NAMED }))).status).toBe(200);
  });

  test('of a private kind is reached only where it was named', async () => {
    const { port, calls } = await serveCounted();
    const url = `http://api.test:${port}/`;
    const closed = destinationOf({ hosts: ['api.test'], allowHttp: true, privateAddresses: 'named' });
    const client = openClient(lookupOf(['127.0.0.1']));
    expect(await failureOf(client.request(requestOf(url, { destination: closed })))).toMatchObject({ kind: 'egress' });
    expect(calls()).toBe(0);
    const named = { ...closed, privateHosts: [`api.test:${port}`] };
    expect((await client.request(requestOf(url, { destination: named }))).status).toBe(200);
  });

  test('of localhost must be loopback for plain http', async () => {
    const client = openClient(lookupOf(['10.0.0.1']));
    const failure = await failureOf(client.request(requestOf('http://localhost:9/', { destination: destinationOf() })));
    expect(failure).toMatchObject({ kind: 'egress', sent: false });
  });
});

describe('a literal address, for which no resolver is asked', () => {
  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://0.0.0.0/',
    'http://0/',
    'http://[::]/',
  ])('%s is refused, whatever the list says', async (url) => {
    const { lookup, questions } = lookupOf(['127.0.0.1']);
    const { hostname } = new URL(url);
    const hosts = [hostname, '0.0.0.0/0', '::/0'];
    const destination = destinationOf({ hosts, allowHttp: true, privateHosts: hosts });
    const failure = await failureOf(openClient({ lookup }).request(requestOf(url, { destination })));
    expect(failure).toMatchObject({ kind: 'egress', sent: false });
    expect(questions).toEqual([]);
  });

  test.each(['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'])(
    'http://%s is loopback however it is written, and private where it must be named',
    async (host) => {
      const { port, calls } = await serveCounted();
      const destination = destinationOf({ hosts: ['127.0.0.0/8'], privateAddresses: 'named' });
      const failure = await failureOf(openClient().request(requestOf(`http://${host}:${port}/`, { destination })));
      expect(failure).toMatchObject({ kind: 'egress', sent: false });
      expect(calls()).toBe(0);
    },
  );
});

describe('what is not on the list', () => {
  test('is not even resolved', async () => {
    const { lookup, questions } = lookupOf(['127.0.0.1']);
    const failure = await failureOf(openClient({ lookup }).request(requestOf('https://evil.test/')));
    expect(failure).toMatchObject({ kind: 'egress', sent: false, origin: 'https://evil.test' });
    expect(questions).toEqual([]);
  });

  test('is not reached by a Host header either', async () => {
    const { port, calls } = await serveCounted();
    const request = requestOf(`http://127.0.0.1:${port}/`, { headers: { Host: 'evil.test' } });
    expect(await failureOf(openClient().request(request))).toMatchObject({ kind: 'egress', sent: false });
    expect(calls()).toBe(0);
  });
});
