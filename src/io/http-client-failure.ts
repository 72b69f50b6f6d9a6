/** The one place where errors of undici, sockets, TLS and the resolver become {@link HttpFailure}s. */
import { errors } from 'undici';
import { HttpFailure } from '../kernel/http-client.ts';
import type { HttpFailureKind, HttpResponse, HttpResponseHead } from '../kernel/http-client.ts';

/** Thrown inside the connection's own machinery to come out of undici unchanged: the reason is ready for a person. */
export class ConnectionRefusal extends Error {
  override readonly name = 'ConnectionRefusal';
  readonly code = 'EVERBEARER_REFUSAL';
  readonly kind: HttpFailureKind;

  constructor(kind: HttpFailureKind, reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/** What was known of the request when the error came. */
export interface FailureContext {
  readonly origin: string;
  /** Whether a byte of the request may have been written. */
  readonly sent: boolean;
  readonly head?: HttpResponseHead;
}

/** The little of an answer that a failure may tell. */
export function headOf({ status, headers }: Pick<HttpResponse, 'status' | 'headers'>): HttpResponseHead {
  const contentType = headers['content-type'];
  return { status, ...(typeof contentType === 'string' ? { contentType } : {}) };
}

const KIND_BY_CODE: Readonly<Record<string, HttpFailureKind>> = {
  ENOTFOUND: 'dns',
  ENODATA: 'dns',
  ESERVFAIL: 'dns',
  EPROTO: 'tls',
  CERT_HAS_EXPIRED: 'tls',
  CERT_NOT_YET_VALID: 'tls',
  CERT_REVOKED: 'tls',
  CERT_UNTRUSTED: 'tls',
  CERT_REJECTED: 'tls',
  CERT_SIGNATURE_FAILURE: 'tls',
  CERT_CHAIN_TOO_LONG: 'tls',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_GET_ISSUER_CERT: 'tls',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  INVALID_CA: 'tls',
  INVALID_PURPOSE: 'tls',
  HOSTNAME_MISMATCH: 'tls',
  UND_ERR_CONNECT_TIMEOUT: 'connect',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'reset',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'reset',
  UND_ERR_DESTROYED: 'aborted',
  UND_ERR_CLOSED: 'aborted',
};

const MESSAGES: Readonly<Record<HttpFailureKind, string>> = {
  egress: 'is not where this request may go',
  dns: 'has a host name that cannot be resolved',
  connect: 'does not accept the connection',
  tls: 'and we cannot agree on TLS',
  timeout: 'did not answer in time',
  reset: 'closed the connection before the answer was complete',
  too_large: 'sent more than the limit allows',
  encoding: 'sent a body that cannot be decoded',
  aborted: 'was not waited for any longer',
  protocol: 'and we do not understand each other as HTTP',
};

/** An own failure with the standard sentence, and more where more is known. Neither may hold anything of request or response. */
export function httpFailure(kind: HttpFailureKind, context: FailureContext, detail?: string): HttpFailure {
  return new HttpFailure(kind, sentence(kind, context.origin, detail), context);
}

/** @param error anything that undici, `net`, `tls` or `dns` came up with */
export function translateFailure(error: unknown, context: FailureContext): HttpFailure {
  if (error instanceof HttpFailure) return error;
  if (error instanceof ConnectionRefusal) return httpFailure(error.kind, context, error.message);
  const code = codeOf(error);
  const kind = isNotHttp(error) ? 'protocol' : kindOf(code, context.sent);
  return new HttpFailure(kind, sentence(kind, context.origin, code), { ...context, cause: evidence(error, code) });
}

function kindOf(code: string, sent: boolean): HttpFailureKind {
  const kind = Object.hasOwn(KIND_BY_CODE, code) ? KIND_BY_CODE[code] : undefined;
  if (kind === 'reset' && !sent) return 'connect';
  if (kind !== undefined) return kind;
  if (code.startsWith('EAI_')) return 'dns';
  if (/^ERR_(?:TLS|SSL|OSSL|X509)_/.test(code)) return 'tls';
  if (code.startsWith('UND_ERR_')) return 'protocol';
  return sent ? 'reset' : 'connect';
}

function sentence(kind: HttpFailureKind, origin: string, detail: string | undefined): string {
  const subject = origin === '' ? 'The URL' : origin;
  return detail === undefined || detail === ''
    ? `${subject} ${MESSAGES[kind]}.`
    : `${subject} ${MESSAGES[kind]}: ${detail}`;
}

/** A failed happy-eyeballs connection is an AggregateError; what its first attempt met says most. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Undici's parser errors have no code. One that found nothing left to read met an answer cut short: a broken connection. */
function isNotHttp(error: unknown): boolean {
  return error instanceof errors.HTTPParserError && !('data' in error && error.data === '');
}

/** Name, code and text alone: undici's parser errors carry the raw bytes of the answer, socket errors the socket. */
function evidence(error: unknown, code: string): Error {
  const plain = new Error(error instanceof Error ? error.message : 'not an error');
  return Object.assign(plain, { code, ...(error instanceof Error ? { name: error.name } : {}) });
}
