/** A document from a URL, under the rules of every request (product: "Where requests may go"): https, one host, no redirect. */
import { EverbearerError } from '../errors.ts';
import type { EverbearerErrorOptions } from '../errors.ts';
import { HttpFailure } from '../kernel/http-client.ts';
import type { Destination, HttpClient, HttpResponse } from '../kernel/http-client.ts';
import { refusedError, tooLarge } from '../model/refused-document.ts';

export interface ReadUrlOptions {
  readonly http?: HttpClient;
  readonly maxBytes: number;
  readonly privateAddresses?: 'open' | 'named';
  readonly egress?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface FetchedDocument {
  /** Without user, query and fragment: what may be shown. */
  readonly url: string;
  readonly bytes: Uint8Array;
}

const CONNECT_MS = 5_000;
const TOTAL_MS = 15_000;
const ACCEPT = 'application/json, application/yaml;q=0.9, text/yaml;q=0.9, */*;q=0.5';

/** @throws EverbearerError `bad_request` where nothing can be had from the URL, `document_refused` beyond the size limit */
export async function readUrl(text: string, options: ReadUrlOptions): Promise<FetchedDocument> {
  const url = URL.parse(text);
  if (url === null) throw refused(text, 'is no URL');
  const shown = `${url.origin}${url.pathname}`;
  if (url.username !== '' || url.password !== '') {
    throw refused(shown, 'was given with a user or password, which would be sent', {
      hint: 'Fetch the document with a tool of your own and give it as a file or on standard input.',
    });
  }
  const answer = await request(url, shown, options);
  const location = answer.headers['location'];
  if (answer.status >= 300 && answer.status < 400 && typeof location === 'string')
    throw redirected(shown, url, location);
  if (answer.status !== 200) throw refused(shown, `answered with status ${answer.status}`);
  return { url: shown, bytes: answer.body };
}

async function request(url: URL, shown: string, options: ReadUrlOptions): Promise<HttpResponse> {
  if (options.http === undefined)
    throw refused(shown, 'cannot be fetched from here', { hint: 'Give the document itself.' });
  url.hash = '';
  try {
    return await options.http.request({
      method: 'GET',
      url: url.href,
      headers: { accept: ACCEPT },
      destination: destinationOf(url, options),
      limits: { connectMs: CONNECT_MS, totalMs: TOTAL_MS, maxResponseBytes: options.maxBytes },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    throw error instanceof HttpFailure ? failed(shown, error, options) : error;
  }
}

function destinationOf(url: URL, { privateAddresses = 'named', egress = [] }: ReadUrlOptions): Destination {
  const named = egress.map((host) => host.toLowerCase());
  return Object.freeze({
    hosts: [url.host],
    allowHttp: false,
    privateAddresses,
    privateHosts: named,
    tls: Object.freeze({ rejectUnauthorized: true }),
  });
}

function failed(shown: string, failure: HttpFailure, { maxBytes, signal }: ReadUrlOptions): unknown {
  if (failure.kind === 'too_large') return refusedError(shown, tooLarge(undefined, maxBytes));
  if (failure.kind === 'aborted' && signal?.aborted === true) return signal.reason;
  const mayPass = failure.kind === 'timeout' || failure.kind === 'reset' || failure.kind === 'connect';
  return refused(shown, `cannot be fetched: ${failure.message}`, { retryable: mayPass, cause: failure });
}

function redirected(shown: string, url: URL, location: string): EverbearerError {
  const target = URL.parse(location, url.href);
  const where = target === null ? 'somewhere else' : target.host;
  return refused(shown, `redirects to ${where}; redirects are not followed`, {
    hint:
      target === null
        ? 'Give the URL that the document really stands at.'
        : `If you trust ${where}, import ${target.origin}${target.pathname}`,
  });
}

function refused(shown: string, what: string, options: EverbearerErrorOptions = {}): EverbearerError {
  return new EverbearerError('bad_request', `${shown} ${what}.`, {
    hint: 'Check the URL, or give the document as a file.',
    ...options,
    details: { document: shown, reason: 'url_unreadable' },
  });
}
