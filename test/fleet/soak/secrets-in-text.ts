/** Finds what nobody may write: the secrets of a soak's integrations and the tokens of its provider. */
import { DEFAULT_USER } from '../../../src/demo/provider-behaviour.ts';
import { SOAK_CLIENTS } from './soak-integrations.ts';

/** As the simulated provider makes them. */
const TOKEN = /\b[ar]t_[0-9a-f]{8}-[0-9a-f]{4}-/;

const SECRETS: readonly string[] = [
  DEFAULT_USER.password,
  ...SOAK_CLIENTS.flatMap(({ client_id, client_secret = '' }) => [
    client_secret,
    Buffer.from(`${client_id}:${client_secret}`).toString('base64'),
  ]),
];

export function holdsSecret(text: string): boolean {
  return TOKEN.test(text) || SECRETS.some((secret) => text.includes(secret));
}
