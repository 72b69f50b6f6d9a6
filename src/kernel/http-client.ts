/** The port for HTTP. One request, one buffered answer; no redirect is followed, nothing is retried. */

/** Where requests with an integration's secrets may go, and how. Compare by identity: one frozen object a revision. */
export interface Destination {
  /** `host`, `host:port` or CIDR, lower case. A host without a port covers every port. */
  readonly hosts: readonly string[];
  /** Whether plain http to other than loopback is allowed. */
  readonly allowHttp: boolean;
  /** `open`: private and loopback addresses are reachable where their host is listed; `named`: only where `privateHosts` names them. */
  readonly privateAddresses: 'open' | 'named';
  /** Hosts or CIDRs (as `hosts`) that a person named for private addresses. */
  readonly privateHosts: readonly string[];
  readonly tls: DestinationTls;
}

export interface DestinationTls {
  /** False switches certificate checks off; a person must say so by name. Default true. */
  readonly rejectUnauthorized: boolean;
  /** PEM. Trusted in addition to the well-known authorities: one integration's API and token endpoint may differ. */
  readonly ca?: string;
  /** PEM. */
  readonly certificate?: string;
  /** PEM. */
  readonly key?: string;
}

export interface HttpLimits {
  /** Connect and TLS, milliseconds. */
  readonly connectMs: number;
  /** From the first byte sent to the end of the body, milliseconds. */
  readonly totalMs: number;
  /** Bytes of the decoded body. */
  readonly maxResponseBytes: number;
}

export interface HttpRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array | undefined;
  readonly destination: Destination;
  readonly limits: HttpLimits;
  readonly signal?: AbortSignal | undefined;
  /** How often the same request was sent before; for metrics and spans alone. Default 0. */
  readonly resendCount?: number;
  /**
   * `persistent`: one that is kept for further requests (RFC 9112 §9.3) · `new`: opened for this request alone and closed after it, for what must not be
   * sent twice: a server may close a kept connection at the very moment of sending, and then nobody knows whether it took the request. Default `persistent`.
   */
  readonly connection?: 'persistent' | 'new';
  /**
   * Asked once, when the connection stands and before the first byte is written (the start check of token-lifecycle §3.5).
   * False: nothing is sent, and the request fails as `aborted` with `sent: false`.
   */
  readonly mayStart?: () => boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  /** Lower-case names; repeated headers are an array. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Content-decoded (gzip, deflate, br, zstd). */
  readonly body: Uint8Array;
}

/**
 * Why there was no answer.
 * `egress`: refused by the destination's list · `dns` `connect` `tls`: before any byte of the request (TLS 1.3 tells of a refused client
 * certificate later: then `sent` is true) · `timeout` `reset`: after (a `timeout` with `sent: false` waited for a free connection) · `too_large`: the
 * body's limit · `encoding`: the body cannot be decoded · `aborted`: by the caller's signal · `protocol`: no HTTP.
 */
export type HttpFailureKind =
  'egress' | 'dns' | 'connect' | 'tls' | 'timeout' | 'reset' | 'too_large' | 'encoding' | 'aborted' | 'protocol';

/** What had come of an answer when the request failed. */
export interface HttpResponseHead {
  readonly status: number;
  readonly contentType?: string;
}

export interface HttpFailureOptions {
  readonly sent: boolean;
  readonly origin: string;
  readonly head?: HttpResponseHead;
  readonly cause?: unknown;
}

export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly kind: HttpFailureKind;
  /** Whether a byte of the request may have been written. */
  readonly sent: boolean;
  /** `scheme://host:port` the request was for; never path or query. */
  readonly origin: string;
  /** Where the head of an answer had come: the body was too large, too slow, broken off, or cannot be decoded. */
  readonly head: HttpResponseHead | undefined;

  constructor(kind: HttpFailureKind, message: string, options: HttpFailureOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.sent = options.sent;
    this.origin = options.origin;
    this.head = options.head;
  }
}

export interface HttpClient {
  /** @throws HttpFailure always, and nothing else, when there is no complete answer */
  request(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}
