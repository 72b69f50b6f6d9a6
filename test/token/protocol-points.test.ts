/** The named points are those of the steps that an attempt can take: what is no point cannot be stopped at. */
import { expect, test } from 'vitest';
import { PROTOCOL_POINTS } from '../../src/token/protocol-points.ts';

test('each point is named once, with a before and an after for every step', () => {
  expect(new Set(PROTOCOL_POINTS).size).toBe(PROTOCOL_POINTS.length);
  for (const point of PROTOCOL_POINTS.filter((name) => name.endsWith(':before')))
    expect(PROTOCOL_POINTS).toContain(point.replace(':before', ':after'));
  expect(PROTOCOL_POINTS).toContain('send:first-byte');
});
