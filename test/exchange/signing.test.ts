import { constants, createHash, createHmac, createVerify, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signingFilters } from '../../src/exchange/signing-filters.ts';
import { createSigner } from '../../src/io/signer.ts';
import { compileTemplate, renderText } from '../../src/kernel/template.ts';
import { TEMPLATE_FILTERS } from '../../src/kernel/template-filters.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: typeof rsa.privateKey): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

const render = (source: string): string => {
  const values = {
    text: 'message',
    claims: { a: 1 },
    header: { kid: 'k' },
    rsa: pem(rsa.privateKey),
    ec: pem(ec.privateKey),
  };
  const scope = { values, filters: { ...TEMPLATE_FILTERS, ...signingFilters(createSigner()) } };
  const rendered = renderText(compileTemplate(source), scope);
  if ('missing' in rendered) throw new Error(rendered.missing);
  return rendered.value;
};

const digest = (encoding: 'hex' | 'base64' | 'base64url'): string =>
  createHash('sha256').update('message').digest(encoding);
const mac = createHmac('sha256', 'k').update('message');

describe('filters that hash and sign', () => {
  test.each([
    ['{{ text | sha256 }}', digest('hex')],
    ["{{ text | sha256('base64') }}", digest('base64')],
    ["{{ text | sha256('base64url') }}", digest('base64url')],
    ["{{ text | hmac_sha256('k') }}", mac.digest('hex')],
    // RFC 7515 Appendix A.1 has this shape; the header is ours.
    [
      "{{ claims | jwt('HS256', 'k') }}",
      ((): string => {
        const signed = [{ alg: 'HS256', typ: 'JWT' }, { a: 1 }]
          .map((p) => Buffer.from(JSON.stringify(p)).toString('base64url'))
          .join('.');
        return `${signed}.${createHmac('sha256', 'k').update(signed).digest('base64url')}`;
      })(),
    ],
  ])('%s', (source, expected) => {
    expect(render(source)).toBe(expected);
  });

  test.each([
    ['RS256', 'rsa', 'sha256', { key: rsa.publicKey }],
    ['RS512', 'rsa', 'sha512', { key: rsa.publicKey }],
    ['PS256', 'rsa', 'sha256', { key: rsa.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }],
    ['ES256', 'ec', 'sha256', { key: ec.publicKey, dsaEncoding: 'ieee-p1363' as const }],
  ])('%s verifies as JWA says (RFC 7518 §3)', (algorithm, key, hash, options) => {
    const signature = render(`{{ text | sign('${algorithm}', ${key}) }}`);
    expect(createVerify(hash).update('message').verify(options, signature, 'base64')).toBe(true);
  });

  test('a JWT carries further header members', () => {
    const [header] = render("{{ claims | jwt('RS256', rsa, header) }}").split('.');
    expect(JSON.parse(Buffer.from(header ?? '', 'base64url').toString())).toEqual({
      alg: 'RS256',
      typ: 'JWT',
      kid: 'k',
    });
  });

  test.each([
    ["{{ text | sign('none', rsa) }}", /algorithm is not known/],
    ["{{ text | sign('RS256', ec) }}", /RS256 needs a private RSA key/],
    ["{{ text | sign('ES256', rsa) }}", /ES256 needs a private EC key/],
    ["{{ text | sign('RS256', 'no key') }}", /private key cannot be read/],
    ["{{ text | sha256('rot13') }}", /encoding is not known/],
    ["{{ text | jwt('HS256', 'k') }}", /no claims/],
  ])('%s is refused', (source, message) => {
    expect(() => render(source)).toThrow(
      expect.objectContaining({ code: 'configuration_missing', message: expect.stringMatching(message) }),
    );
  });
});
