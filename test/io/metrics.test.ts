/** What is counted stands in the text, in a registry of its own, and no stream of label values makes it grow without end. */
import fc from 'fast-check';
import { register } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';
import { createMetrics } from '../../src/io/metrics.ts';
import { METRICS, OTHER_VALUE, type LabelsOf, type MetricsRegistry } from '../../src/kernel/metrics.ts';

type RequestLabels = LabelsOf<'http_client_request_duration_seconds'>;

const REQUEST: RequestLabels = {
  http_request_method: 'GET',
  http_response_status_code: 200,
  error_type: '',
  server_address: 'api.example.com',
  server_port: 443,
  everbearer_purpose: 'task',
};

let metrics: MetricsRegistry;
beforeEach(() => {
  metrics = createMetrics();
});

/** Value of the series with exactly this name and these labels, as they stand. */
async function valueOf(series: string): Promise<string | undefined> {
  const lines = (await metrics.text()).split('\n');
  return lines.find((line) => line.startsWith(`${series} `))?.slice(series.length + 1);
}

describe('the text', () => {
  test('is in the format that the content type names', async () => {
    metrics.observe('http_client_request_duration_seconds', REQUEST, 0.02);
    metrics.count('everbearer_token_doubts_total', {});
    metrics.set('everbearer_spool_files', {}, 2);
    const label = String.raw`[a-z_]+="(?:[^"\\\n]|\\["\\n])*"`;
    const line = new RegExp(String.raw`^(?:# (?:HELP|TYPE) .+|[a-z_]+(?:\{${label}(?:,${label})*\})? [\d.e+-]+|)$`);
    const text = await metrics.text();
    expect(text.split('\n').filter((one) => !line.test(one))).toEqual([]);
    expect(text.endsWith('\n')).toBe(true);
    expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  test('has help and kind of every metric, and of no other', async () => {
    const described = [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => [
      name,
      kind,
    ]);
    expect(described.toSorted()).toEqual(
      Object.entries(METRICS)
        .map(([name, { kind }]) => [name, kind])
        .toSorted(),
    );
  });

  test('escapes what others wrote', async () => {
    metrics.observe('http_client_request_duration_seconds', { ...REQUEST, server_address: 'a"b\\c\nd' }, 1);
    expect(await metrics.text()).toContain(String.raw`server_address="a\"b\\c\nd"`);
  });
});

test('counters whose labels are all known begin with 0, so that a first increase is seen', async () => {
  expect(await valueOf('everbearer_tasks_total{outcome="token_blocked"}')).toBe('0');
  expect(await valueOf('everbearer_token_doubts_total')).toBe('0');
  metrics.count('everbearer_tasks_total', { outcome: 'token_blocked' });
  metrics.count('everbearer_tasks_total', { outcome: 'token_blocked' }, 4);
  expect(await valueOf('everbearer_tasks_total{outcome="token_blocked"}')).toBe('5');
});

test('a histogram has cumulative buckets, sum and count', async () => {
  for (const seconds of [0, 1, 1.5, 9_999]) metrics.observe('everbearer_token_renewal_margin_seconds', {}, seconds);
  const name = 'everbearer_token_renewal_margin_seconds';
  expect(await valueOf(`${name}_bucket{le="0"}`)).toBe('1');
  expect(await valueOf(`${name}_bucket{le="1"}`)).toBe('2');
  expect(await valueOf(`${name}_bucket{le="3600"}`)).toBe('3');
  expect(await valueOf(`${name}_bucket{le="+Inf"}`)).toBe('4');
  expect(await valueOf(`${name}_sum`)).toBe('10001.5');
  expect(await valueOf(`${name}_count`)).toBe('4');
});

test('a gauge is set, moved up and down, and taken away', async () => {
  metrics.add('everbearer_token_waiters', {}, 3);
  metrics.add('everbearer_token_waiters', {}, -1);
  expect(await valueOf('everbearer_token_waiters')).toBe('2');
  metrics.set('everbearer_breaker_state', { origin: 'https://as.example.com' }, 2);
  expect(await valueOf('everbearer_breaker_state{origin="https://as.example.com"}')).toBe('2');
  metrics.unset('everbearer_breaker_state', { origin: 'https://as.example.com' });
  expect(await valueOf('everbearer_breaker_state{origin="https://as.example.com"}')).toBeUndefined();
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('%s is no count, and harms nothing', async (value) => {
  metrics.count('everbearer_token_doubts_total', {}, value);
  if (value !== -1) {
    metrics.observe('everbearer_token_renewal_margin_seconds', {}, value);
    metrics.set('everbearer_spool_files', {}, value);
    metrics.add('everbearer_spool_files', {}, value);
  }
  expect(await valueOf('everbearer_token_doubts_total')).toBe('0');
  expect(await valueOf('everbearer_token_renewal_margin_seconds_count')).toBe('0');
  expect(await valueOf('everbearer_spool_files')).toBe('0');
});

test('two of them share nothing, and the registry of the process has none of it', async () => {
  createMetrics().count('everbearer_token_doubts_total', {});
  expect(await valueOf('everbearer_token_doubts_total')).toBe('0');
  expect(register.getMetricsAsArray()).toEqual([]);
});

describe('open labels', () => {
  const { atMost } = METRICS.http_client_request_duration_seconds.labels.server_address;

  test('what is beyond the bound is told together, whatever came; nothing is lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 3 * atMost }), { minLength: 1, maxLength: 300 }), async (hosts) => {
        metrics = createMetrics();
        for (const host of hosts) {
          metrics.observe('http_client_request_duration_seconds', { ...REQUEST, server_address: `h${host}` }, 1);
        }
        const told = [
          ...(await metrics.text()).matchAll(
            /^http_client_request_duration_seconds_count\{.*server_address="([^"]+)".*\} (\d+)$/gm,
          ),
        ];
        const counts = new Map(told.map(([, host = '', count]) => [host, Number(count)]));
        const known = new Set([...new Set(hosts)].slice(0, atMost).map((host) => `h${host}`));
        const others = hosts.filter((host) => !known.has(`h${host}`)).length;
        expect(counts.get(OTHER_VALUE) ?? 0).toBe(others);
        expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(hosts.length);
        expect(counts.size).toBeLessThanOrEqual(atMost + 1);
      }),
      { numRuns: 50 },
    );
  });

  test('the empty value is "absent" and takes no room', async () => {
    metrics.observe('http_client_request_duration_seconds', { ...REQUEST, server_address: '' }, 1);
    for (let host = 0; host < atMost; host += 1) {
      metrics.observe('http_client_request_duration_seconds', { ...REQUEST, server_address: `h${host}` }, 1);
    }
    expect(await metrics.text()).not.toContain(OTHER_VALUE);
  });

  test('of a gauge are left out beyond the bound, until there is room', async () => {
    const most = METRICS.everbearer_breaker_state.labels.origin.atMost;
    for (let host = 0; host <= most; host += 1) {
      metrics.set('everbearer_breaker_state', { origin: `https://h${host}` }, 2);
      metrics.add('everbearer_breaker_state', { origin: `https://h${host}` }, 0);
    }
    expect(await valueOf(`everbearer_breaker_state{origin="https://h${most - 1}"}`)).toBe('2');
    expect(await valueOf(`everbearer_breaker_state{origin="https://h${most}"}`)).toBeUndefined();
    metrics.unset('everbearer_breaker_state', { origin: 'https://h0' });
    metrics.set('everbearer_breaker_state', { origin: `https://h${most}` }, 1);
    expect(await valueOf(`everbearer_breaker_state{origin="https://h${most}"}`)).toBe('1');
    expect(await metrics.text()).not.toContain(OTHER_VALUE);
  });
});
