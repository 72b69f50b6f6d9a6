/** How a client proves itself to a token endpoint (RFC 6749 §2.3). One method a request; a new one is one function and one row. */
import { EverbearerError } from '../errors.ts';
import { own, type Json } from '../kernel/json.ts';
import type { ClientAuthName } from './exchange-request.ts';

/** What a method adds to a request: headers, or parameters of the body; never of the URI. */
export interface ClientAuthAddition {
  readonly headers?: Readonly<Record<string, string>>;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** @throws EverbearerError `configuration_missing` naming the input that is not set */
export type ClientAuthentication = (inputs: Readonly<Record<string, Json>>) => ClientAuthAddition;

/** RFC 6749 §2.3.1: id and secret are form-encoded, then joined and base64-encoded. */
const clientSecretBasic: ClientAuthentication = (inputs) =>
  basic(formEncodeMinimally(required(inputs, 'client_id')), formEncodeMinimally(required(inputs, 'client_secret')));

/** For servers that don't decode: RFC 7617 alone. A `:` in the id can't be told from the separator there. */
const clientSecretBasicRaw: ClientAuthentication = (inputs) => {
  const id = required(inputs, 'client_id');
  if (id.includes(':')) {
    throw new EverbearerError('configuration_missing', 'client_secret_basic_raw cannot carry a client_id with ":".', {
      hint: 'Set client_auth to client_secret_basic or client_secret_post.',
    });
  }
  return basic(id, required(inputs, 'client_secret'));
};

const clientSecretPost: ClientAuthentication = (inputs) => ({
  parameters: { client_id: required(inputs, 'client_id'), client_secret: required(inputs, 'client_secret') },
});

/** A public client names itself (RFC 6749 §3.2.1), one without an id (§4.3 allows it) adds nothing. */
const none: ClientAuthentication = (inputs) => {
  const id = text(inputs, 'client_id');
  return id === undefined ? {} : { parameters: { client_id: id } };
};

const CLIENT_AUTHENTICATIONS: Readonly<Record<ClientAuthName, ClientAuthentication>> = {
  client_secret_basic: clientSecretBasic,
  client_secret_basic_raw: clientSecretBasicRaw,
  client_secret_post: clientSecretPost,
  none,
};

/** The method chosen; without a choice `client_secret_basic` where there are an id and a secret, else `none`. */
export function clientAuthenticationOf(
  name: ClientAuthName | undefined,
  inputs: Readonly<Record<string, Json>>,
): ClientAuthentication {
  if (text(inputs, 'client_id') === undefined) return name === undefined ? none : CLIENT_AUTHENTICATIONS[name];
  if (name !== undefined) return CLIENT_AUTHENTICATIONS[name];
  return text(inputs, 'client_secret') === undefined ? none : clientSecretBasic;
}

/**
 * `application/x-www-form-urlencoded` that leaves `-_.~*` as they are: every decoder gives the same value back, and a server that does not decode still
 * sees `my-app` as `my-app`.
 */
export function formEncodeMinimally(value: string): string {
  return encodeURIComponent(value.toWellFormed())
    .replace(/[!'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function basic(id: string, secret: string): ClientAuthAddition {
  return { headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`, 'utf8').toString('base64')}` } };
}

function text(inputs: Readonly<Record<string, Json>>, name: string): string | undefined {
  const value = own(inputs, name);
  return (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined;
}

function required(inputs: Readonly<Record<string, Json>>, name: string): string {
  const value = text(inputs, name);
  if (value !== undefined) return value;
  throw new EverbearerError('configuration_missing', `${name} is not set.`, {
    hint: `Set ${name}, or choose another client_auth.`,
    details: { input: name },
  });
}
