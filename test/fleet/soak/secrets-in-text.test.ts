/** A hunt that finds nothing must be able to find something. */
import { expect, test } from 'vitest';
import { mintAccessToken } from '../../../src/demo/access-token.ts';
import { holdsSecret } from './secrets-in-text.ts';

const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const token = mintAccessToken('opaque', { id: ID, subject: 'user', issuedAt: 0, expiresAt: 1 });

test.each([
  ['an access token', `Bearer ${token}`, true],
  ['a refresh token', `{"refresh_token":"rt_${ID}"}`, true],
  ['a password', 'tried demo-password', true],
  ['a client secret', 'secret-of-north', true],
  ['basic credentials', `Basic ${Buffer.from('north:secret-of-north').toString('base64')}`, true],
  ['the id of an attempt', `{"attempt":"${ID}"}`, false],
  ['a fingerprint', '{"at_fp":"o-sMr"}', false],
])('%s', (_name, text, isFound) => {
  expect(holdsSecret(text)).toBe(isFound);
});
