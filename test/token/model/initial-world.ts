/** Where an exploration begins. */
import type { TokenRecord } from '../../../src/token/token-record.ts';
import { newTokenRecord } from '../../../src/token/transitions.ts';
import type { Configurations } from './configuration.ts';
import { newRefreshToken } from './server.ts';
import { leanRecord } from './store.ts';
import { identity, IDLE, NOW, PAST, type Draft, type Integration, type Settings } from './world.ts';

const INTEGRATION: Integration = { generation: 0, rev: 1, accountRev: 0, secretRev: 0, account: 0, secret: 0 };

export function initialWorld(settings: Settings, configurations: Configurations): Draft {
  const draft: Draft = {
    integration: INTEGRATION,
    lastGeneration: 0,
    records: {},
    guards: {},
    spool: [],
    underway: [],
    editors: [],
    workers: [],
    server: { familyOf: {}, families: {}, wrongTries: {} },
    budget: settings.budget,
    acknowledged: { accountRev: 0, secretRev: 0 },
    sessions: [],
    explained: 0,
    next: 0,
  };
  draft.workers = Array.from({ length: settings.workers }, (_, index) => {
    const scope = index % settings.records;
    return { scope, held: configurations.get(INTEGRATION, scope), doing: IDLE };
  });
  if (settings.start !== 'no-record') draft.records = recordsOf(draft, settings);
  if (settings.hasWorked) draft.guards = worked(configurations.credentialId(INTEGRATION));
  return draft;
}

function worked(id: string): Draft['guards'] {
  return { [id]: { id, tries: 0, worked: true, updated_at: NOW } };
}

function recordsOf(draft: Draft, settings: Settings): Readonly<Record<string, TokenRecord>> {
  const ids = new Set(draft.workers.map(({ held }) => held.id));
  return Object.fromEntries(
    [...ids].map((id) => [id, settings.start === 'empty' ? empty(draft, id) : expired(draft, id)]),
  );
}

function empty(draft: Draft, id: string): TokenRecord {
  const made = { id, integration_id: '', scheme: '', rev: INTEGRATION.rev, cfg_ver: 0, atId: identity(draft) };
  return leanRecord(newTokenRecord(made, NOW));
}

/** An access token that is over, and a refresh token that is good. */
function expired(draft: Draft, id: string): TokenRecord {
  const record = empty(draft, id);
  const at = identity(draft, 't0.0');
  const rt = newRefreshToken(draft, 0);
  return leanRecord({
    ...record,
    at: { ...record.at, sealed: { ct: at, iv: '', kid: '' }, fp: at, expires_at: PAST, by: '' },
    rt: { sealed: { ct: rt, iv: '', kid: '' }, fp: rt, gen: 0, by: '', epoch: 0 },
  });
}
