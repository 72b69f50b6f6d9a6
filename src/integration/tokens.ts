/** The service behind `tokens` of the public face: the token in force, its picture, and edits by hand. */
import type { TokenInForce, TokenQuery, Tokens, TokenView } from '../token/tokens-face.ts';
import { EverbearerError } from '../errors.ts';
import { applyToken } from '../exchange/apply-token.ts';
import type { Cipher } from '../kernel/cipher.ts';
import type { Clock } from '../kernel/clock.ts';
import type { EventStore } from '../kernel/event-store.ts';
import type { Logger } from '../kernel/logger.ts';
import type { HeldToken } from '../token/held-token.ts';
import type { TokenConfiguration } from '../token/token-configuration.ts';
import { editByHand, parseTokenPatch } from '../token/token-edit.ts';
import { newRecord } from '../token/record-keeper.ts';
import type { TokenManager } from '../token/token-manager.ts';
import { NEW_RECORD_REV, type TokenRecord } from '../token/token-record.ts';
import type { TokenStore } from '../token/token-store.ts';
import type { TokenTransition } from '../token/token-transition.ts';
import { tokenView } from '../token/token-view.ts';
import type { Directory } from './directory.ts';
import type { OpenIntegration } from './open-integration.ts';
import { warnOfNarrowerScope } from './granted-scopes.ts';
import { canonicalVariant } from './token-variant.ts';

export interface TokensPorts {
  readonly directory: Directory;
  readonly manager: TokenManager;
  readonly store: TokenStore;
  readonly events: EventStore;
  readonly cipher: Cipher;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often an edit is tried again when a renewal came between reading and writing. */
const EDIT_ATTEMPTS = 10;

export function createTokens(ports: TokensPorts, actor: string): Tokens {
  const { directory, manager, store, cipher, clock } = ports;

  async function resolve(query: TokenQuery, check: 'current' | 'inForce' = 'current'): Promise<TokenConfiguration> {
    const integration = await directory[check](query.integration);
    return configurationOf(integration, query);
  }

  function reloading(query: TokenQuery): (ahead?: TokenRecord) => Promise<TokenConfiguration> {
    return async (ahead) => {
      const integration = await directory.reload(query.integration, ahead);
      return configurationOf(integration, query);
    };
  }

  async function show(query: TokenQuery): Promise<TokenView> {
    const integration = await directory.current(query.integration);
    const configuration = configurationOf(integration, query);
    const { now, records } = await store.list(configuration.integrationId);
    const view = tokenView(cipher, configuration, records.get(configuration.id), now);
    if (configuration.id !== integration.tokenConfiguration(configuration.scheme).id) {
      return { ...view, ...canonicalVariant(configuration) };
    }
    const others = [...records.values()].flatMap((record) => {
      const further = record.scheme === configuration.scheme ? furtherConfiguration(integration, record) : undefined;
      return further === undefined
        ? []
        : [{ ...tokenView(cipher, further, record, now), ...canonicalVariant(further) }];
    });
    return others.length === 0 ? view : { ...view, others };
  }

  /** The record of a configuration, made and brought up where needed. */
  async function readied(
    configuration: TokenConfiguration,
    query: TokenQuery,
  ): Promise<{ readonly now: number; readonly record: TokenRecord }> {
    const { id } = configuration;
    const first = (await store.read([id])).records.get(id);
    if (first === undefined) await store.insert(newRecord(configuration, clock.uuid()));
    const recordRev = first?.rev ?? NEW_RECORD_REV;
    if (recordRev < configuration.rev) {
      // A new record is brought to the integration as it is read after the insert (M2).
      const to = recordRev === NEW_RECORD_REV ? await reloading(query)() : configuration;
      const { rev, accountRev, secretRev } = to;
      await store.apply(id, { kind: 'bring-up', rev, accountRev, secretRev, newId: clock.uuid() });
    }
    const { now, records } = await store.read([id]);
    const record = records.get(id);
    if (record === undefined)
      throw new EverbearerError('conflict', 'The integration was removed meanwhile.', { retryable: true });
    return { now, record };
  }

  async function edited(
    query: TokenQuery,
    ifVersion: number | undefined,
    transition: (record: TokenRecord, now: number) => TokenTransition,
    type: 'token_edited' | 'token_cleared',
  ): Promise<TokenView> {
    const configuration = await resolve(query);
    for (let attempt = 0; attempt < EDIT_ATTEMPTS; attempt += 1) {
      const { now, record } = await readied(configuration, query);
      if (ifVersion !== undefined && ifVersion !== record.ver) throw lostUpdate(query.integration);
      const { applied, record: after } = await store.apply(configuration.id, transition(record, now));
      if (!applied) continue;
      await ports.events.append({
        type,
        integration: configuration.integration,
        scheme: configuration.scheme,
        actor,
        reason: 'person',
        outcome: 'ok',
        ...(after === undefined ? {} : { version: after.ver }),
      });
      return await show(query);
    }
    throw lostUpdate(query.integration);
  }

  function inForce(configuration: TokenConfiguration, token: HeldToken, query: TokenQuery): TokenInForce {
    return {
      access_token: token.accessToken,
      token_type: token.tokenType ?? 'Bearer',
      expires_at: token.expiresAt === null ? null : new Date(token.expiresAt).toISOString(),
      ...applyToken(configuration.exchange, token.presented, configuration.inputs),
      version: token.id,
      async invalidate() {
        await manager.get(configuration, { reload: reloading(query), rejected: { id: token.id, status: 401 } });
      },
    };
  }

  return {
    show,
    async get(query) {
      const configuration = await resolve(query, 'inForce');
      const token = await manager.get(configuration, {
        reload: reloading(query),
        ...(query.signal === undefined ? {} : { signal: query.signal }),
      });
      warnOfNarrowerScope(ports.logger, configuration, token);
      return inForce(configuration, token, query);
    },
    async refresh(query) {
      const configuration = await resolve(query);
      const { record } = await readied(configuration, query);
      await manager.get(configuration, {
        reload: reloading(query),
        newerThan: record.at.id,
        ...(query.signal === undefined ? {} : { signal: query.signal }),
      });
      return await show(query);
    },
    async set(query, patch, options) {
      const parsed = parseTokenPatch(patch);
      return await edited(
        query,
        options?.ifVersion,
        (record, now) => editByHand(cipher, record, parsed, { now, newId: clock.uuid() }),
        'token_edited',
      );
    },
    async clear(query) {
      return await edited(query, undefined, () => ({ kind: 'clear', newId: clock.uuid() }), 'token_cleared');
    },
  };
}

function configurationOf(integration: OpenIntegration, query: TokenQuery): TokenConfiguration {
  return integration.tokenConfiguration(schemeOf(integration, query.scheme), canonicalVariant(query));
}

/** Of a stored token that was asked for beside the own one; `undefined` for the own one, and where the integration's exchange can't ask for it any more. */
function furtherConfiguration(integration: OpenIntegration, record: TokenRecord): TokenConfiguration | undefined {
  const variant = canonicalVariant(record);
  try {
    return variant === undefined ? undefined : integration.tokenConfiguration(record.scheme, variant);
  } catch (error) {
    if (error instanceof EverbearerError) return undefined;
    throw error;
  }
}

/** The scheme that is meant: the one named, else the only one with a token, else the only one of them whose inputs are complete. */
function schemeOf(integration: OpenIntegration, named: string | undefined): string {
  if (named !== undefined) return named;
  const withToken = [...integration.credentials].filter(([, credentials]) => credentials.kind === 'token');
  const complete = withToken.filter(
    ([, credentials]) => credentials.kind === 'token' && credentials.missing.length === 0,
  );
  const candidates = withToken.length > 1 && complete.length > 0 ? complete : withToken;
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only[0];
  const names = withToken.map(([name]) => name).join(', ');
  throw new EverbearerError(
    only === undefined ? 'configuration_missing' : 'bad_request',
    only === undefined
      ? `No security scheme of "${integration.record.name}" has a token.`
      : `"${integration.record.name}" has several schemes with a token.`,
    {
      hint:
        only === undefined
          ? 'Only schemes with an OAuth flow or an exchange have one.'
          : `Name one with --scheme: ${names}.`,
    },
  );
}

function lostUpdate(integration: string): EverbearerError {
  return new EverbearerError('precondition_failed', `The token of "${integration}" changed since it was read.`, {
    hint: 'Look at it again and repeat the edit.',
  });
}
