/** Certificates made at test time (X.509 v3, RFC 5280), so that no fixture expires and none is trusted by anyone. */
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  readonly commonName: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  /** Names and IPv4 addresses that it is for. Default none. */
  readonly names?: readonly string[];
  /** Who signs it. Default itself; then it is an authority. */
  readonly issuer?: Certificate;
  /** Epoch milliseconds. Default from yesterday to tomorrow. */
  readonly notAfter?: number;
}

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));

export function createCertificate(options: CertificateOptions): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const signer = options.issuer === undefined ? privateKey : createPrivateKey(options.issuer.key);
  const body = certificateBody(options, publicKey);
  const signature = sign('sha256', body, signer);
  const der = sequence(body, ECDSA_WITH_SHA256, element(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines =
    der
      .toString('base64')
      .match(/.{1,64}/g)
      ?.join('\n') ?? '';
  const cert = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
  return { cert, key, commonName: options.commonName };
}

function certificateBody({ commonName, names = [], issuer, notAfter }: CertificateOptions, key: KeyObject): Buffer {
  const now = Date.now();
  const extensions = [basicConstraints(issuer === undefined), ...(names.length === 0 ? [] : [alternativeNames(names)])];
  return sequence(
    element(0xa0, integer(2)),
    integer(Math.floor(Math.random() * 2 ** 30) + 1),
    ECDSA_WITH_SHA256,
    name(issuer?.commonName ?? commonName),
    sequence(time(Math.min(now, notAfter ?? now) - DAY_MS), time(notAfter ?? now + DAY_MS)),
    name(commonName),
    key.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(...extensions)),
  );
}

function basicConstraints(authority: boolean): Buffer {
  const value = authority ? sequence(element(0x01, Buffer.from([0xff]))) : sequence();
  return sequence(oid('551d13'), element(0x01, Buffer.from([0xff])), element(0x04, value));
}

function alternativeNames(names: readonly string[]): Buffer {
  const entries = names.map((entry) =>
    isIP(entry) === 4
      ? element(0x87, Buffer.from(entry.split('.').map(Number)))
      : element(0x82, Buffer.from(entry, 'ascii')),
  );
  return sequence(oid('551d11'), element(0x04, sequence(...entries)));
}

function name(commonName: string): Buffer {
  return sequence(element(0x31, sequence(oid('550403'), element(0x0c, Buffer.from(commonName)))));
}

function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return element(0x17, Buffer.from(`${digits}Z`));
}

function integer(value: number): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return element(0x02, (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

function oid(hex: string): Buffer {
  return element(0x06, Buffer.from(hex, 'hex'));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

/** Tag, length (short or long form), value. */
function element(tag: number, value: Buffer): Buffer {
  const { length } = value;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), value]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}
