/** `token show|get|refresh|set|clear` */
import { EverbearerError } from '../errors.ts';
import type { TokenQuery, TokenView } from '../token/tokens-face.ts';
import type { Context } from './context.ts';
import { readValue } from './read-value.ts';
import { facts } from './table.ts';
import { textFlag, type Action, type Flags } from './verb.ts';

function queryOf(context: Context, integration: string, flags: Flags): TokenQuery {
  const scheme = textFlag(flags, 'scheme');
  const scopes = textFlag(flags, 'scopes');
  return {
    integration,
    ...(scheme === undefined ? {} : { scheme }),
    ...(scopes === undefined ? {} : { scopes: scopes.split(' ').filter((scope) => scope !== '') }),
    signal: context.terminal.signal,
  };
}

export const showToken: Action = async (context, [name = ''], flags) => {
  const everbearer = await context.everbearer();
  printView(context, await everbearer.tokens.show(queryOf(context, name, flags)));
  return 0;
};

export const refreshToken: Action = async (context, [name = ''], flags) => {
  const everbearer = await context.everbearer();
  printView(context, await everbearer.tokens.refresh(queryOf(context, name, flags)));
  return 0;
};

export const clearToken: Action = async (context, [name = ''], flags) => {
  const everbearer = await context.everbearer();
  printView(context, await everbearer.tokens.clear(queryOf(context, name, flags)));
  return 0;
};

export const setToken: Action = async (context, [name = ''], flags) => {
  const from = textFlag(flags, 'from');
  if (from === undefined) {
    throw new EverbearerError('bad_request', 'Nothing to set was given.', {
      hint: 'Add --from <json|@file|->, for example --from @token.json with {"access_token":"…","expires_in":3600}.',
    });
  }
  const patch = await readValue(context, from, '--from');
  const everbearer = await context.everbearer();
  printView(context, await everbearer.tokens.set(queryOf(context, name, flags), patch));
  return 0;
};

/** The one verb that prints a secret, since that is what it is for. */
export const getToken: Action = async (context, [name = ''], flags) => {
  const everbearer = await context.everbearer();
  const query = queryOf(context, name, flags);
  const { access_token, headers, query: parameters, cookies } = await everbearer.tokens.get(query);
  const view = await everbearer.tokens.show(query);
  context.print({ ...view, access_token, headers, query: parameters, cookies }, () => access_token);
  return 0;
};

function printView(context: Context, view: TokenView): void {
  context.print(view, () => describeToken(context, view));
}

function describeToken({ paint }: Context, view: TokenView): string {
  const colour = view.state === 'valid' ? paint.good : view.state === 'blocked' ? paint.bad : paint.warn;
  const error = view.last_error?.['message'];
  return facts([
    ['integration', view.integration],
    ['scheme', view.scheme],
    ['state', colour(view.state)],
    ['access token', view.access_token ?? '–'],
    ['refresh token', view.has_refresh_token ? 'held' : '–'],
    ['token type', view.token_type ?? '–'],
    ['scope', view.scope ?? '–'],
    ['created', view.created_at ?? '–'],
    ['expires', view.expires_at ?? 'unknown'],
    ['obtained by', view.obtained_by ?? '–'],
    ['version', String(view.version)],
    ['next attempt', view.next_attempt_at],
    ['last error', typeof error === 'string' ? paint.bad(error) : undefined],
    ...(view.others ?? []).map((other): readonly [string, string] => [
      'other',
      `${other.scope ?? '–'} (${other.state})`,
    ]),
  ]);
}
