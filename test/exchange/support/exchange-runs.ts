/** Running an exchange against a scripted answer: at the HttpClient port for tables, over a real server for what the wire does. */
import type { ExchangeOutcome } from '../../../src/exchange/exchange-outcome.ts';
import type { ExchangeRequest } from '../../../src/exchange/exchange-request.ts';
import { readyExchange } from '../../../src/exchange/ready-exchanges.ts';
import { runExchange } from '../../../src/exchange/run-exchange.ts';
import { createSigner } from '../../../src/io/signer.ts';
import type { Destination, HttpClient, HttpRequest, HttpResponse } from '../../../src/kernel/http-client.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

export const LOOPBACK: Destination = Object.freeze({
  hosts: ['127.0.0.1', 'as.example.com'],
  allowHttp: false,
  privateAddresses: 'open',
  privateHosts: [],
  tls: { rejectUnauthorized: true },
});

export const LIMITS = { connectMs: 2_000, totalMs: 5_000, maxResponseBytes: 1_048_576 };

/** 2026-01-02T03:04:05Z */
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

/** An answer as a test writes it: an object is JSON. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array | object;
}

export type Script = (request: HttpRequest, index: number) => ScriptedAnswer;

export interface ScriptedHttp extends HttpClient {
  readonly requests: readonly HttpRequest[];
}

export function scriptedHttp(script: Script): ScriptedHttp {
  const requests: HttpRequest[] = [];
  return {
    requests,
    async request(request) {
      requests.push(request);
      return responseOf(script(request, requests.length - 1));
    },
    async close() {},
  };
}

export function responseOf({ status = 200, headers = {}, body = '' }: ScriptedAnswer): HttpResponse {
  const isJson = typeof body === 'object' && !(body instanceof Uint8Array);
  const text = isJson ? JSON.stringify(body) : body;
  return {
    status,
    statusText: '',
    headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
    body: typeof text === 'string' ? new TextEncoder().encode(text) : text,
  };
}

export const CLIENT = {
  client_id: 'my-app',
  client_secret: 'correct horse battery staple',
  token_url: 'https://as.example.com/token',
} as const;

export const PASSWORD = { ...CLIENT, username: 'alice', password: 'wonderland-7' } as const;

export function requestOf(more: Partial<ExchangeRequest> = {}): ExchangeRequest {
  return {
    exchange: readyExchange('client_credentials'),
    phase: 'acquire',
    inputs: CLIENT,
    destination: LOOPBACK,
    limits: LIMITS,
    ...more,
  };
}

export async function runScripted(
  more: Partial<ExchangeRequest>,
  script: Script | ScriptedAnswer,
): Promise<{ readonly outcome: ExchangeOutcome; readonly requests: readonly HttpRequest[] }> {
  const http = scriptedHttp(typeof script === 'function' ? script : () => script);
  const clock = createVirtualClock(NOW);
  const outcome = await runExchange(requestOf(more), { http, clock, signer: createSigner() });
  return { outcome, requests: http.requests };
}

/** The form of a request. */
export function formOf(request: HttpRequest | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(typeof request?.body === 'string' ? request.body : ''));
}

/** An unsigned look-alike of a JWT with these claims. */
export function jwtWith(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`;
}
