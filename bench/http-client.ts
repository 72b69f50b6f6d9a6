/**
 * What our HTTP client costs beside bare `undici.request` with the body read: the same local server, 64 connections, no pipelining.
 * Run: `node bench/http-client.ts`. Prints one JSON line; only the ratio means something.
 */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { Agent, request } from 'undici';
import { createHttpClient } from '../src/io/http-client.ts';
import type { Destination } from '../src/kernel/http-client.ts';

const REQUESTS = 20_000;
const ROUNDS = 5;
const BODY = JSON.stringify({ items: Array.from({ length: 20 }, (_, id) => ({ id, name: `item ${id}` })) });

const DESTINATION: Destination = {
  hosts: ['127.0.0.1'],
  allowHttp: false,
  privateAddresses: 'open',
  privateHosts: [],
  tls: { rejectUnauthorized: true },
};
const LIMITS = { connectMs: 5_000, totalMs: 60_000, maxResponseBytes: 64 * 1024 * 1024 };

type Call = () => Promise<unknown>;

if (process.send === undefined) await measure();
else serve();

/** In a process of its own: the client has its core for itself. */
function serve(): void {
  const server = createServer((_request, response) => response.end(BODY));
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
  process.on('disconnect', () => process.exit());
}

async function measure(): Promise<void> {
  const child = fork(new URL(import.meta.url));
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const url = `http://127.0.0.1:${port}/things?page=1`;
  const agent = new Agent({ connections: 64, pipelining: 1 });
  const client = createHttpClient();
  const bare: Call = async () => {
    const { body } = await request(url, { dispatcher: agent });
    return await body.bytes();
  };
  const ours: Call = () =>
    client.request({ method: 'GET', url, headers: {}, destination: DESTINATION, limits: LIMITS });
  for (const concurrency of [1, 64]) {
    const rounds: { bare: number; ours: number }[] = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push({ bare: await microseconds(bare, concurrency), ours: await microseconds(ours, concurrency) });
    const best = { bare: Math.min(...rounds.map((r) => r.bare)), ours: Math.min(...rounds.map((r) => r.ours)) };
    console.log(JSON.stringify({ concurrency, microseconds: best, ratio: Number((best.ours / best.bare).toFixed(3)) }));
  }
  await Promise.all([agent.close(), client.close()]);
  child.disconnect();
}

async function microseconds(call: Call, concurrency: number): Promise<number> {
  const requests = concurrency === 1 ? REQUESTS / 10 : REQUESTS;
  let left = requests;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await call();
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: concurrency }, worker));
  return Number((((performance.now() - started) / requests) * 1000).toFixed(1));
}
