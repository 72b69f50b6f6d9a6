/** What it means for a token that no answer came. */
import type { HttpFailure, HttpFailureKind } from '../kernel/http-client.ts';
import type { Verdict } from './verdict.ts';

interface KindRow {
  readonly class: Verdict['class'];
  readonly advice: string;
}

const KINDS: Readonly<Record<HttpFailureKind, KindRow>> = {
  egress: {
    class: 'egress',
    advice:
      'The address is not one this integration may send secrets to. Name the host in egress, or set allowHttp for plain http, if that is meant.',
  },
  dns: { class: 'transient', advice: 'The host name was not found. Check {url}; it is tried again later.' },
  connect: {
    class: 'transient',
    advice: 'No connection was made. It is tried again later; if that goes on, check {url}.',
  },
  tls: {
    class: 'transient',
    advice: 'The TLS handshake failed. It is tried again later; if that goes on, check {url}.',
  },
  timeout: { class: 'transient', advice: 'There was no answer in time. It is tried again later.' },
  reset: {
    class: 'transient',
    advice: 'The connection broke before the answer was complete. It is tried again later.',
  },
  too_large: {
    class: 'transient',
    advice:
      'The answer is larger than a token answer may be: a page or a file may stand there instead of a token endpoint. It is tried again later; check {url}.',
  },
  encoding: {
    class: 'transient',
    advice:
      'The answer cannot be decoded as its Content-Encoding says. It is tried again later; if that goes on, check {url}.',
  },
  aborted: { class: 'transient', advice: 'The request was given up.' },
  protocol: { class: 'transient', advice: 'What answered does not speak HTTP. Check {url}.' },
};

/** What OpenSSL and Node call a certificate that is not trusted. */
const UNTRUSTED =
  /^(?:CERT_|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(?:GET|VERIFY|DECRYPT|DECODE)_|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE))/;

export function verdictOnHttpFailure(failure: HttpFailure): Verdict {
  // The client's own sentence; it holds nothing of request or answer.
  const detail = failure.message;
  if (failure.kind === 'tls' && isUntrusted(failure)) {
    return {
      class: 'configuration',
      error: 'tls',
      advice:
        'The certificate of the server is not trusted: expired, for another name, or of an unknown authority. Correct it, or set tls.ca.',
      detail,
      definite: false,
    };
  }
  return { ...KINDS[failure.kind], error: failure.kind, detail, definite: false };
}

function isUntrusted(failure: HttpFailure): boolean {
  for (let error: unknown = failure; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string' && UNTRUSTED.test(error.code)) return true;
  }
  return false;
}
