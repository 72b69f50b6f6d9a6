import { describe, expect, test } from 'vitest';
import { retryAfterMs } from '../../src/exchange/retry-after.ts';
import { NOW, runScripted } from './support/exchange-runs.ts';

describe('F37 Retry-After', () => {
  test.each([
    ['120', undefined, 120_000],
    ['0', undefined, 0],
    ['864000', undefined, 3_600_000],
    ['Fri, 02 Jan 2026 03:06:05 GMT', undefined, 120_000],
    ['Fri, 02 Jan 2026 03:06:05 GMT', 'Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
    ['Fri, 02 Jan 2026 03:00:00 GMT', undefined, 0],
    ['Mon, 12 Jan 2026 03:04:05 GMT', undefined, 3_600_000],
    ['Friday, 02-Jan-26 03:06:05 GMT', undefined, 120_000],
    ['soon', undefined, undefined],
    ['-5', undefined, undefined],
    [undefined, undefined, undefined],
  ])('%s (Date %s) is %s ms', (value, date, expected) => {
    const headers = {
      ...(value === undefined ? {} : { 'retry-after': value }),
      ...(date === undefined ? {} : { date }),
    };
    expect(retryAfterMs(headers, NOW)).toBe(expected);
  });

  test.each([429, 503])('is told of a %i', async (status) => {
    const { outcome } = await runScripted({}, { status, headers: { 'retry-after': '120' }, body: '' });
    expect(outcome).toMatchObject({
      ok: false,
      failure: { class: 'transient', error: `http_${status}`, status, retryAfterMs: 120_000 },
    });
  });
});
