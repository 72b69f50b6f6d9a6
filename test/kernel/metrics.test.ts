/** The table of metrics keeps the rules of Prometheus, of OpenMetrics, and of bounded cardinality. */
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/errors.ts';
import { METRICS, NO_METRICS, type MetricRow, type Metrics } from '../../src/kernel/metrics.ts';

const ROWS = Object.entries<MetricRow>(METRICS).map(([name, row]) => ({ name, ...row }));

/** Series that one metric can have at the worst; histograms have more lines, but no more series to keep. */
const MOST_CLOSED_SERIES = 100;

describe.each(ROWS)('$name', ({ name, kind, help, labels, buckets }) => {
  test('has a name of its kind, unit last', () => {
    expect(name).toMatch(/^(?:everbearer|http_client)_[a-z_]+$/);
    expect(name.endsWith('_total')).toBe(kind === 'counter');
    if (kind === 'histogram') expect(name).toMatch(/_seconds$/);
    expect(help).toMatch(/^[A-Z].*\.$/);
  });

  test('has ascending buckets, or none', () => {
    expect(buckets !== undefined).toBe(kind === 'histogram');
    expect(buckets ?? []).toEqual([...new Set(buckets)].toSorted((a, b) => a - b));
  });

  test('has labels that say no integration, and are bounded', () => {
    for (const [label, values] of Object.entries(labels)) {
      expect(label).toMatch(/^[a-z][a-z_]*$/);
      expect(label).not.toMatch(/integration|scheme|operation|path|url|token|secret/);
      if ('atMost' in values) expect(values.atMost).toBeLessThanOrEqual(100);
      else expect(values).toEqual([...new Set(values)]);
    }
    const closed = Object.values(labels).flatMap((values) => ('atMost' in values ? [] : [values.length]));
    expect(closed.reduce((product, size) => product * size, 1)).toBeLessThanOrEqual(MOST_CLOSED_SERIES);
  });
});

test('a task can end with every code of the table of errors, with ok, and aborted', () => {
  const { outcome } = METRICS.everbearer_tasks_total.labels;
  expect([...outcome].toSorted()).toEqual(['ok', 'aborted', ...Object.keys(ERROR_CODES)].toSorted());
});

test('names, labels and values are checked by the compiler', () => {
  const use = (metrics: Metrics): void => {
    metrics.count('everbearer_tasks_total', { outcome: 'ok' });
    // @ts-expect-error a value that the label has not
    metrics.count('everbearer_tasks_total', { outcome: 'fine' });
    // @ts-expect-error a label is missing
    metrics.count('everbearer_tasks_total', {});
    // @ts-expect-error a label that the metric has not
    metrics.count('everbearer_token_doubts_total', { integration: 'crm' });
    // @ts-expect-error a counter is not set
    metrics.set('everbearer_tasks_total', { outcome: 'ok' }, 1);
    // @ts-expect-error no such metric
    metrics.count('everbearer_task_total', { outcome: 'ok' });
  };
  expect(() => use(NO_METRICS)).not.toThrow();
});
