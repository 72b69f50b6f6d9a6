/**
 * `@itentialopensource/adapter-utils` as generated adapters use it for OAuth: `request_token`, a `getToken` action of the `.system` entity, the token
 * kept in the process for its lifetime. It signs in again when a token ends; a person's sign-in it has no place for, so it always has a password.
 */
import {
  adapterAction,
  adapterProperties,
  adapterSchema,
  silenceAdapter,
  writeAdapter,
  type EntityFiles,
} from '../adapter.ts';
import type { Contender, Site } from './contender.ts';

const ENTITY = 'Books';
const LIFETIME_MS = 3_600_000;

const ENTITIES: Readonly<Record<string, EntityFiles>> = {
  '.system': {
    action: {
      actions: [
        adapterAction('getToken', 'POST', '/-/token', {
          schema: undefined,
          requestSchema: 'oAuthTokenRequest.json',
          responseSchema: 'respTokenSchema.json',
          requestDatatype: 'URLENCODE',
        }),
      ],
    },
    oAuthTokenRequest: adapterSchema('oAuthTokenRequest', ['getToken'], {
      grant_type: text('grant_type'),
      username: text('username'),
      password: text('password'),
      client_id: text('client_id'),
      client_secret: text('client_secret'),
    }),
    respTokenSchema: adapterSchema('respTokenSchema', ['getToken'], {
      token: { ...text('access_token'), placement: 'BODY' },
    }),
  },
  [ENTITY]: {
    action: { actions: [adapterAction('listBooks', 'GET', '{base_path}/books?{query}')] },
    schema: adapterSchema('schema', ['listBooks']),
  },
};

export const adapterUtils: Contender = {
  refreshes: false,
  clock: 'process',
  install: async ({ directory }) => await writeAdapter(directory, ENTITIES),
  start: async (site) => {
    silenceAdapter();
    const { RequestHandler } = await import('@itentialopensource/adapter-utils');
    const { origin, pathname } = new URL(site.apiUrl);
    const service = { origin, basePath: pathname, authentication: authenticationOf(site), retries: 3 };
    const handler = new RequestHandler('books', adapterProperties(service), site.directory);
    return async () =>
      await new Promise((resolve, reject) => {
        handler.identifyRequest(ENTITY, 'listBooks', {}, true, (result, error) => {
          if (result === null) reject(new Error(reasonOf(error)));
          else resolve();
        });
      });
  },
};

function authenticationOf({ grant, client, account }: Site): Readonly<Record<string, unknown>> {
  return {
    auth_method: 'request_token',
    ...(grant === 'client_credentials' ? {} : account),
    ...client,
    grant_type: grant === 'client_credentials' ? 'client_credentials' : 'password',
    token_timeout: LIFETIME_MS,
    token_cache: 'local',
    invalid_token_error: 401,
    auth_field: 'header.headers.Authorization',
    auth_field_format: 'Bearer {token}',
  };
}

function text(name: string): Readonly<Record<string, unknown>> {
  return { type: 'string', external_name: name };
}

function reasonOf(error: unknown): string {
  const { IAPerror } = error as { readonly IAPerror?: { readonly displayString?: string } };
  return IAPerror?.displayString ?? JSON.stringify(error);
}
