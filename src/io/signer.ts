/** The {@link Signer} port over node:crypto. */
import { constants, createHash, createHmac, createPrivateKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { EverbearerError } from '../errors.ts';
import type { SignatureAlgorithm, Signer } from '../exchange/signer.ts';

interface AsymmetricRow {
  readonly hash: string;
  readonly keyType: 'rsa' | 'ec';
  readonly padding?: number;
  /** JWA wants r and s side by side, not DER (RFC 7518 §3.4). */
  readonly dsaEncoding?: 'ieee-p1363';
}

const ASYMMETRIC: Readonly<Record<Exclude<SignatureAlgorithm, 'HS256'>, AsymmetricRow>> = {
  RS256: { hash: 'sha256', keyType: 'rsa' },
  RS512: { hash: 'sha512', keyType: 'rsa' },
  PS256: { hash: 'sha256', keyType: 'rsa', padding: constants.RSA_PKCS1_PSS_PADDING },
  ES256: { hash: 'sha256', keyType: 'ec', dsaEncoding: 'ieee-p1363' },
};

export function createSigner(): Signer {
  return {
    sha256: (text) => createHash('sha256').update(text, 'utf8').digest(),
    sign(algorithm, key, text) {
      if (algorithm === 'HS256') return createHmac('sha256', key).update(text, 'utf8').digest();
      const { hash, keyType, padding, dsaEncoding } = ASYMMETRIC[algorithm];
      const privateKey = readPrivateKey(key);
      if (privateKey.asymmetricKeyType !== keyType)
        throw unfit(`${algorithm} needs a private ${keyType.toUpperCase()} key`);
      return sign(hash, Buffer.from(text, 'utf8'), {
        key: privateKey,
        ...(padding === undefined ? {} : { padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
        ...(dsaEncoding === undefined ? {} : { dsaEncoding }),
      });
    },
  };
}

function readPrivateKey(text: string): KeyObject {
  try {
    return /<RSAKeyValue>/.test(text)
      ? createPrivateKey({ key: xmlKey(text), format: 'jwk' })
      : // A key out of a JSON file or an environment variable often has its line breaks written as \n.
        createPrivateKey(text.replaceAll('\\n', '\n'));
  } catch {
    throw unfit('The private key cannot be read');
  }
}

/** .NET's XML of an RSA key, as SuperOffice hands it out: the same numbers as a JWK (RFC 7518 §6.3). */
function xmlKey(text: string): Record<string, string> {
  const names = { n: 'Modulus', e: 'Exponent', d: 'D', p: 'P', q: 'Q', dp: 'DP', dq: 'DQ', qi: 'InverseQ' };
  const numbers = Object.entries(names).map(([name, tag]) => {
    const base64 = new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(text)?.[1] ?? '';
    return [name, Buffer.from(base64, 'base64').toString('base64url')] as const;
  });
  return { kty: 'RSA', ...Object.fromEntries(numbers) };
}

/** Never with the cause: OpenSSL's messages quote the key's header at best, and say nothing more. */
function unfit(what: string): EverbearerError {
  return new EverbearerError('configuration_missing', `${what}.`, {
    hint: 'Give the private key as PEM (PKCS #8 or PKCS #1), or as <RSAKeyValue> XML.',
  });
}
