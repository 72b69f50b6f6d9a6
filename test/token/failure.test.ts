import { describe, expect, test } from 'vitest';
import type { CredentialBar } from '../../src/token/credential-record.ts';
import { failureOfBar } from '../../src/token/failure.ts';

const NOW = 1_700_000_000_000;
const QUARTER_MS = 900_000;

describe('what a token remembers of the credential guard is asked again', () => {
  test.each<{ title: string; bar: Exclude<CredentialBar, { readonly kind: 'busy' }>; nextMs: number }>([
    {
      title: 'refused: in a quarter of an hour',
      bar: { kind: 'refused', refusal: { at: NOW, code: 'invalid_grant', message: 'wrong password' } },
      nextMs: QUARTER_MS,
    },
    { title: 'closed until an edit: in a quarter of an hour', bar: { kind: 'closed' }, nextMs: QUARTER_MS },
    { title: 'closed for now: when it is open', bar: { kind: 'closed', nextAt: NOW + 1_000 }, nextMs: 1_000 },
    { title: 'closed, and open by now: at once', bar: { kind: 'closed', nextAt: NOW - 1_000 }, nextMs: 0 },
  ])('test 81: $title', ({ bar, nextMs }) => {
    const { recorded } = failureOfBar({ integration: 'orders', scheme: 'main' }, bar, NOW);
    expect(recorded).toMatchObject({ class: 'credentials', nextMs });
  });
});
