/** The service behind `integrations` of the public face: create, show, edit, remove. */
import type { IntegrationInput, Integrations, IntegrationView, MissingInput } from './integrations-face.ts';
import { EverbearerError } from '../errors.ts';
import type { Cipher } from '../kernel/cipher.ts';
import type { Clock } from '../kernel/clock.ts';
import type { EventStore } from '../kernel/event-store.ts';
import type { EventType } from '../kernel/event.ts';
import { isObject, own, type Json } from '../kernel/json.ts';
import { mergePatch } from '../kernel/merge-patch.ts';
import type { ModelRecord, ModelStore } from '../model/model-store.ts';
import type { SecurityScheme } from '../openapi/security-scheme.ts';
import type { TokenStore } from '../token/token-store.ts';
import { integrationNotFound } from './directory.ts';
import type { Forgive } from './forgiveness.ts';
import { contentOf, documentOf, openContent, sealContent, type IntegrationContent } from './integration-content.ts';
import { marksAfter, marksOf } from './integration-edit.ts';
import { parseIntegration, refuseTooDeep, type IntegrationDocument } from './integration-input.ts';
import type { IntegrationRecord, IntegrationStore, NewIntegrationRecord } from './integration-store.ts';
import { integrationView } from './integration-view.ts';
import { missingInputs } from './missing-inputs.ts';
import { defaultServer, prefilled } from './prefill.ts';
import { withoutMasks } from './public-fields.ts';
import { schemeCredentials, type SchemeValues } from './scheme-credentials.ts';

export interface IntegrationsPorts {
  /** Sets a token by hand: `authentication.<scheme>.token` is not configuration, it has its own record and history. */
  readonly setToken: (integration: string, scheme: string, token: Json) => Promise<void>;
  readonly forgive: Forgive;
  readonly integrations: IntegrationStore;
  readonly models: ModelStore;
  readonly tokens: TokenStore;
  readonly events: EventStore;
  readonly cipher: Cipher;
  readonly clock: Clock;
}

/** How often an edit is tried again when somebody else's came first. */
const EDIT_ATTEMPTS = 5;

export interface IntegrationsService extends Integrations {
  /** A new revision for every integration of a model that was replaced, so that every worker looks again at its next call. */
  readonly touchAll: (versionId: string) => Promise<void>;
}

export function createIntegrations(ports: IntegrationsPorts, actor: string): IntegrationsService {
  const { cipher, clock } = ports;

  async function getRecord(name: string): Promise<IntegrationRecord> {
    const record = await ports.integrations.findByName(name);
    if (record === undefined) throw integrationNotFound(name);
    return record;
  }

  async function getModel(versionId: string): Promise<ModelRecord> {
    const model = await ports.models.find(versionId);
    if (model !== undefined) return model;
    throw new EverbearerError('not_found', `There is no model "${versionId}".`, {
      hint: 'everbearer models list shows those there are; a versionId is <title>:<version>.',
    });
  }

  async function view(name: string): Promise<IntegrationView> {
    const record = await getRecord(name);
    return integrationView(record, openContent(cipher, record));
  }

  async function tell(type: EventType, record: { readonly name: string; readonly rev: number }): Promise<void> {
    await ports.events.append({
      type,
      integration: record.name,
      actor,
      reason: 'person',
      outcome: 'ok',
      details: { revision: record.rev },
    });
  }

  /** One edit: read, change, write where the revision still stands, then bring every token's record to the new revision (M1). */
  async function edit(
    name: string,
    change: (content: IntegrationContent, record: IntegrationRecord) => Promise<IntegrationContent>,
  ): Promise<IntegrationRecord> {
    for (let attempt = 0; attempt < EDIT_ATTEMPTS; attempt += 1) {
      const record = await getRecord(name);
      const before = openContent(cipher, record);
      const after = await change(before, record);
      const rev = record.rev + 1;
      const edited: NewIntegrationRecord = {
        id: record.id,
        name: record.name,
        model: record.model,
        rev,
        marks: marksAfter(record.marks, before.authentication, after.authentication, rev),
        settings: after.settings,
        sealed: sealContent(cipher, record.id, after),
      };
      if ((await ports.integrations.replace(edited, record.rev)) === 'replaced') {
        return await bringTokensUp(name, record.id);
      }
    }
    throw new EverbearerError('conflict', `The integration "${name}" is being edited by somebody else.`, {
      hint: 'Look at it again and repeat the edit.',
      retryable: true,
    });
  }

  /** The integration is read after the tokens' records: one of these may be newer than the edit that has come after this one (M2). */
  async function bringTokensUp(name: string, id: string): Promise<IntegrationRecord> {
    const { records } = await ports.tokens.list(id);
    const record = await getRecord(name);
    for (const token of records.values()) {
      const marks = marksOf(record.marks, token.scheme);
      await ports.tokens.apply(token.id, {
        kind: 'bring-up',
        rev: record.rev,
        accountRev: marks.account_rev,
        secretRev: marks.secret_rev,
        newId: clock.uuid(),
      });
    }
    return record;
  }

  async function setTokens(name: string, tokens: Tokens): Promise<void> {
    for (const { scheme, token } of tokens) await ports.setToken(name, scheme, token);
  }

  return {
    async create(input) {
      const document = parseIntegration(input as unknown as Json);
      const { facts } = await getModel(document.model);
      const { authentication: given, tokens } = withoutTokens(facts.securitySchemes, document.authentication ?? {});
      const authentication = prefilled(facts, given);
      checkSchemes(facts.securitySchemes, authentication);
      const content = contentOf({ ...document, authentication }, defaultServer(facts));
      const id = clock.uuid();
      const record: NewIntegrationRecord = {
        id,
        name: document.name,
        model: document.model,
        rev: 1,
        marks: {},
        settings: content.settings,
        sealed: sealContent(cipher, id, content),
      };
      if ((await ports.integrations.insert(record)) === 'taken') {
        throw new EverbearerError('conflict', `There is an integration "${document.name}" already.`, {
          hint: 'Choose another name, or edit it: everbearer integrations set.',
        });
      }
      await tell('integration_created', record);
      await setTokens(document.name, tokens);
      return await view(document.name);
    },

    async list(options) {
      const page = await ports.integrations.list(options);
      const items = page.items.map((record) => integrationView(record, openContent(cipher, record)));
      return { ...page, items };
    },

    get: view,

    async set(name, patch) {
      refuseTooDeep(patch);
      let tokens: Tokens = [];
      let given: readonly string[] = [];
      const record = await edit(name, async (before, stored) => {
        const document = documentOf(stored, before);
        const kept = withoutMasks(patch, document as unknown as Json) ?? {};
        const merged = parseIntegration(mergePatch(document as unknown as Json, kept));
        refuseRenaming(document, merged);
        const { facts } = await getModel(stored.model);
        const split = withoutTokens(facts.securitySchemes, merged.authentication ?? {});
        const { authentication } = split;
        checkSchemes(facts.securitySchemes, authentication);
        tokens = split.tokens;
        given = schemesOf(kept, authentication);
        return contentOf({ ...merged, authentication }, defaultServer(facts));
      });
      await ports.forgive(name, given);
      await tell('integration_edited', record);
      await setTokens(name, tokens);
      return integrationView(record, openContent(cipher, record));
    },

    async remove(name) {
      const record = await getRecord(name);
      await ports.integrations.remove(record.id);
      await ports.tokens.removeAll(record.id);
      await tell('integration_removed', record);
    },

    async missing(input: IntegrationInput): Promise<readonly MissingInput[]> {
      const document = parseIntegration(input as unknown as Json);
      const { facts } = await getModel(document.model);
      const authentication = prefilled(facts, document.authentication ?? {});
      const server = document.server === undefined ? defaultServer(facts) : 'given';
      return missingInputs(facts, authentication, server);
    },

    async touchAll(versionId) {
      for (const name of await ports.integrations.namesByModel(versionId, Number.MAX_SAFE_INTEGER)) {
        await edit(name, async (content) => await Promise.resolve(content));
      }
    },
  };
}

/** The schemes that a patch, without the masks that it sends back, says something about. */
function schemesOf(patch: Json, authentication: Authentication): readonly string[] {
  const part = own(patch, 'authentication');
  if (!isObject(part)) return part === undefined ? [] : Object.keys(authentication);
  return Object.entries(part).flatMap(([scheme, values]) =>
    isObject(values) && Object.keys(values).length === 0 ? [] : [scheme],
  );
}

function refuseRenaming(before: IntegrationDocument, after: IntegrationDocument): void {
  if (before.name === after.name && before.model === after.model) return;
  const pointer = before.name === after.name ? '/model' : '/name';
  throw new EverbearerError('bad_request', `${pointer} of an integration cannot be changed.`, {
    hint: 'Make a new integration and remove this one.',
    details: { pointer },
  });
}

type Tokens = readonly { readonly scheme: string; readonly token: Json }[];
type Authentication = Readonly<Record<string, SchemeValues>>;

/** Splits the tokens off that a person wrote under their schemes; an http bearer scheme's `token` is its value and stays. */
function withoutTokens(
  schemes: readonly SecurityScheme[],
  authentication: Authentication,
): { readonly authentication: Authentication; readonly tokens: Tokens } {
  const bearers = new Set(schemes.filter(({ type }) => type === 'http').map(({ name }) => name));
  const tokens: { readonly scheme: string; readonly token: Json }[] = [];
  const kept = Object.entries(authentication).map(([scheme, values]) => {
    if (typeof values === 'string' || values['token'] === undefined || bearers.has(scheme))
      return [scheme, values] as const;
    const { token, ...rest } = values;
    tokens.push({ scheme, token });
    return [scheme, rest] as const;
  });
  return { authentication: Object.fromEntries(kept), tokens };
}

/** Names that the document doesn't have, and exchanges that are none, are refused when they are written, not when a task runs. */
function checkSchemes(schemes: readonly SecurityScheme[], authentication: Authentication): void {
  const known = new Map(schemes.map((scheme) => [scheme.name, scheme]));
  for (const [name, values] of Object.entries(authentication)) {
    const scheme = known.get(name);
    if (scheme === undefined) {
      throw new EverbearerError('bad_request', `The model has no security scheme "${name}".`, {
        hint: known.size === 0 ? 'It has none at all.' : `It has ${[...known.keys()].join(', ')}.`,
        details: { pointer: `/authentication/${name}` },
      });
    }
    schemeCredentials(scheme, values);
  }
}
