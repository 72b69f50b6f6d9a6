/**
 * What being watched costs a task, microseconds: its count and its measured time; and all of it (two spans that nobody gets, count, time) around a request
 * that is answered at once, 64 in flight. Run: `node bench/observation.ts`.
 */
import { observeHttpClient } from '../src/io/http-client-observed.ts';
import { createMetrics } from '../src/io/metrics.ts';
import { createSystemClock } from '../src/io/system-clock.ts';
import { createTracer } from '../src/io/tracer.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../src/kernel/http-client.ts';
import { NO_METRICS, type Metrics } from '../src/kernel/metrics.ts';
import type { Tracer } from '../src/kernel/tracer.ts';
import { observeTasks } from '../src/task/observed-tasks.ts';
import type { TaskResponse, Tasks } from '../src/task/tasks-face.ts';
import type { Gate } from './gate.ts';
import { measureRounds, median, type Call } from './rounds.ts';

const CONCURRENCY = 64;
const SYNCHRONOUS_CALLS = 200_000;
const ROUNDS = 9;

const ANSWER: HttpResponse = { status: 200, statusText: 'OK', headers: {}, body: new Uint8Array() };
const RESPONSE: TaskResponse = {
  ok: true,
  method: 'GET',
  url: '',
  status: 200,
  statusText: 'OK',
  headers: {},
  body: null,
};
const REQUEST: HttpRequest = {
  method: 'GET',
  url: 'https://api.example.com/v1/shops/north/items/4711?page=1',
  headers: {},
  destination: {
    hosts: [],
    allowHttp: false,
    privateAddresses: 'open',
    privateHosts: [],
    tls: { rejectUnauthorized: true },
  },
  limits: { connectMs: 5_000, totalMs: 60_000, maxResponseBytes: 1_000 },
  resendCount: 0,
};
const http: HttpClient = { request: () => Promise.resolve(ANSWER), close: () => Promise.resolve() };

interface Figures {
  /** One count and one measured time. */
  readonly metricsUs: number;
  readonly plainUs: number;
  /** Spans without an SDK, nothing counted. */
  readonly spansUs: number;
  readonly watchedUs: number;
}

async function measure(): Promise<Figures> {
  const metrics = createMetrics();
  const tracer = createTracer('bench');
  const calls = [plain(), watched(NO_METRICS, tracer), watched(metrics, tracer)];
  const rates = await measureRounds(calls, { concurrency: CONCURRENCY, rounds: ROUNDS, turnMs: 200 });
  const [plainUs = 0, spansUs = 0, watchedUs = 0] = rates.map((row) => 1e6 / median(row));
  return { metricsUs: metricsOfATask(metrics), plainUs, spansUs, watchedUs };
}

function plain(): Call {
  return async () => {
    await http.request(REQUEST);
    return RESPONSE;
  };
}

function watched(metrics: Metrics, tracer: Tracer): Call {
  const ports = { clock: createSystemClock(), metrics, tracer };
  const client = observeHttpClient(http, ports, 'task');
  const bare: Tasks = {
    run: async () => {
      await client.request(REQUEST);
      return RESPONSE;
    },
  };
  const tasks = observeTasks(bare, ports);
  return async () => await tasks.run({ integration: 'bench', operationId: 'getItem' });
}

function metricsOfATask(metrics: Metrics): number {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const began = performance.now();
    for (let i = 0; i < SYNCHRONOUS_CALLS; i += 1) {
      metrics.count('everbearer_tasks_total', { outcome: 'ok' });
      metrics.observe(
        'http_client_request_duration_seconds',
        {
          http_request_method: 'GET',
          http_response_status_code: 200,
          error_type: '',
          server_address: 'api.example.com',
          server_port: 443,
          everbearer_purpose: 'task',
        },
        (i % 1_000) / 1_000,
      );
    }
    return ((performance.now() - began) * 1_000) / SYNCHRONOUS_CALLS;
  });
  return median(rounds.slice(1));
}

export async function gates(): Promise<readonly Gate[]> {
  const { metricsUs, plainUs, watchedUs } = await measure();
  return [
    { name: 'one count and one measured time, µs', value: metricsUs, better: 'lower', goal: 1, gate: 3 },
    { name: 'a task watched without an SDK, µs more', value: watchedUs - plainUs, better: 'lower', goal: 4, gate: 10 },
  ];
}

if (import.meta.main) {
  const { metricsUs, plainUs, spansUs, watchedUs } = await measure();
  console.table({
    'one count and one measured time': { µs: metricsUs.toFixed(2) },
    'spans without an SDK, over a call that is not watched': { µs: (spansUs - plainUs).toFixed(2) },
    'spans and metrics, over the same': { µs: (watchedUs - plainUs).toFixed(2) },
  });
}
