/** One token request, one span, one measured time; what was never sent is no request. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExchangeFailure, ExchangeOutcome } from '../../src/exchange/exchange-outcome.ts';
import { observeTokenRequest } from '../../src/exchange/observed-token-request.ts';
import { createMetrics } from '../../src/io/metrics.ts';
import { createTracer } from '../../src/io/tracer.ts';
import { recordSpans, type SpanRecording } from '../support/spans.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

let recording: SpanRecording;
beforeEach(() => {
  recording = recordSpans();
});
afterEach(async () => {
  await recording.dispose();
});

const CANARY = 'canary-4711';
const FACTS = { integration: 'crm', scheme: 'oauth', grant: 'refresh_token', reason: 'soft' } as const;
const SUCCESS: ExchangeOutcome = {
  ok: true,
  token: {
    access_token: CANARY,
    refresh_token: CANARY,
    lifetime: { ms: 1, source: 'expires_in' },
    extra: { x: CANARY },
  },
  status: 200,
  origin: 'https://as.example.com',
};
const failure = (facts: Partial<ExchangeFailure>): ExchangeOutcome => ({
  ok: false,
  failure: {
    class: 'transient',
    error: 'http_503',
    message: CANARY,
    step: 'token',
    origin: 'https://as.example.com',
    sent: true,
    sample: CANARY,
    refresh_token: CANARY,
    ...facts,
  },
});

test.each<[string, ExchangeOutcome, string | undefined, Readonly<Record<string, string>>]>([
  ['a token', SUCCESS, 'outcome="ok",class="none"', {}],
  [
    'refused',
    failure({ class: 'credentials', error: 'invalid_grant' }),
    'outcome="failed",class="credentials"',
    { 'everbearer.failure_class': 'credentials', 'error.type': 'invalid_grant' },
  ],
  [
    'no connection',
    failure({ error: 'connect', sent: false }),
    'outcome="failed",class="transient"',
    { 'everbearer.failure_class': 'transient', 'error.type': 'connect' },
  ],
  [
    'given up after it was sent',
    failure({ class: 'in_doubt', error: 'aborted' }),
    'outcome="failed",class="in_doubt"',
    { 'everbearer.failure_class': 'in_doubt', 'error.type': 'aborted' },
  ],
  [
    'given up before',
    failure({ error: 'aborted', sent: false }),
    undefined,
    { 'everbearer.failure_class': 'transient', 'error.type': 'aborted' },
  ],
])('test 47: %s', async (_title, outcome, labels, attributes) => {
  const metrics = createMetrics();
  const clock = createVirtualClock();
  const tracer = createTracer('1');
  const request = observeTokenRequest({ clock, metrics, tracer }, FACTS, async () => {
    await tracer.within({ name: 'POST', kind: 'client', attributes: {} }, async () => await clock.sleep(2_000));
    return outcome;
  });
  await clock.advance(2_000);
  expect(await request).toBe(outcome);
  const name = 'everbearer_token_request_duration_seconds';
  const text = await metrics.text();
  const told = text.split('\n').filter((line) => line.startsWith(`${name}_sum`));
  expect(told).toEqual(labels === undefined ? [] : [`${name}_sum{grant="refresh_token",reason="soft",${labels}} 2`]);
  expect(recording.spans()).toEqual([
    {
      name: 'everbearer.token_request',
      kind: 'CLIENT',
      failed: !outcome.ok,
      parent: undefined,
      attributes: {
        'everbearer.integration': 'crm',
        'everbearer.scheme': 'oauth',
        'everbearer.grant': 'refresh_token',
        'everbearer.reason': 'soft',
        ...attributes,
      },
    },
    expect.objectContaining({ name: 'POST', parent: 'everbearer.token_request' }),
  ]);
  expect(recording.text() + text).not.toContain(CANARY);
});
