/** An HTTP answer as data, and how it is to leave. */
import type { Json } from '../kernel/json.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly delivery: Delivery;
}

/**
 * `whole`, after `delayMs` · `drip`: a byte every `everyMs` · `truncated`: half of the body, then the connection is cut · `reset`: cut without a byte ·
 * `closed`: ended in good order without a byte · `never`: nothing, for ever · `hold`: whole, once `release()` is called · `padded`: whole, with blanks up to so many bytes.
 */
export type Delivery =
  | { readonly kind: 'whole'; readonly delayMs: number }
  | { readonly kind: 'drip'; readonly everyMs: number }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'never' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'padded'; readonly bytes: number };

export const AT_ONCE: Delivery = { kind: 'whole', delayMs: 0 };

export function jsonAnswer(status: number, content: Json, headers: Readonly<Record<string, string>> = {}): Answer {
  return textAnswer(status, 'application/json', JSON.stringify(content), headers);
}

export function textAnswer(
  status: number,
  contentType: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': contentType, ...headers },
    body: new TextEncoder().encode(text),
    delivery: AT_ONCE,
  };
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: new Uint8Array(), delivery: AT_ONCE };
}
