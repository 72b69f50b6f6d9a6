/** What people do: edits of the integration in their separate writes, tokens by hand, removal and re-creation. */
import { recordId } from './configuration.ts';
import { forgetTries, newRefreshToken } from './server.ts';
import { endSession, writeGuard, writeRecord } from './store.ts';
import { emitFault, emitStep, type Context } from './worker-events.ts';
import { fork, FUTURE, identity, type Draft, type Edit, type Editor, type Integration, type World } from './world.ts';

export function editEvents(context: Context, world: World): void {
  if (world.budget.edits > 0) for (const edit of context.settings.edits) editEvent(context, world, edit);
  world.editors.forEach((editor, index) => {
    editorEvents(context, world, editor, index);
  });
}

function editEvent(context: Context, world: World, edit: Edit): void {
  const next = fork(world);
  if (!made(context, next, edit)) return;
  next.budget = { ...next.budget, edits: next.budget.edits - 1 };
  context.emit(`a person's edit: ${edit}${world.integration === undefined ? ' (made again)' : ''}`, 'edit', next);
}

/** @returns whether there is anything to edit */
function made(context: Context, draft: Draft, edit: Edit): boolean {
  const { integration } = draft;
  if (integration === undefined) return edit === 'removal' && makeAgain(draft);
  switch (edit) {
    case 'account':
    case 'secret':
    case 'same-secret':
    case 'server':
      editIntegration(draft, integration, edit, context.settings.guarded);
      return true;
    case 'removal':
      draft.editors = [...draft.editors, { kind: 'removal', generation: integration.generation }];
      draft.lastGeneration = integration.generation;
      delete draft.integration;
      return true;
    default:
      return editToken(context, draft, recordId(integration.generation, 0), edit);
  }
}

/** Another integration under the same name, with another account. */
function makeAgain(draft: Draft): boolean {
  const generation = draft.lastGeneration + 1;
  draft.integration = { generation, rev: 1, accountRev: 0, secretRev: 0, account: generation, secret: 0 };
  draft.acknowledged = { accountRev: 0, secretRev: 0 };
  return true;
}

function editIntegration(
  draft: Draft,
  before: Integration,
  edit: 'account' | 'secret' | 'same-secret' | 'server',
  guarded: boolean,
): void {
  const rev = before.rev + 1;
  const after: Integration = {
    ...before,
    rev,
    ...(edit === 'account' ? { accountRev: rev, account: before.account + 1 } : {}),
    ...(edit === 'secret' ? { secretRev: rev, secret: before.secret + 1 } : {}),
  };
  draft.integration = after;
  const forgives = edit === 'same-secret';
  const resets = guarded && edit !== 'server';
  draft.editors = [...draft.editors, { kind: 'edit', stage: 'look', integration: after, forgives, resets }];
}

function editToken(context: Context, draft: Draft, id: string, edit: Edit): boolean {
  const record = draft.records[id];
  if (record === undefined) return false;
  const { protocol } = context;
  if (record.at.sealed !== undefined) endSession(draft, record.at.sealed.ct);
  switch (edit) {
    case 'clear':
      writeRecord(protocol, draft, id, { kind: 'clear', newId: identity(draft) });
      return true;
    case 'access-token': {
      const token = identity(draft, 'h');
      const at = { id: identity(draft), sealed: sealed(token), fp: token, expires_at: FUTURE, by: 'manual' };
      writeRecord(protocol, draft, id, { kind: 'set-by-hand', at });
      return true;
    }
    case 'times': {
      if (record.at.sealed === undefined) return false;
      const at = { ...record.at, id: identity(draft), expires_at: FUTURE, by: 'manual' };
      writeRecord(protocol, draft, id, { kind: 'set-by-hand', at });
      return true;
    }
    case 'refresh-token': {
      // A person may bring one of any account.
      const token = newRefreshToken(draft, 99);
      writeRecord(protocol, draft, id, { kind: 'set-by-hand', rt: { sealed: sealed(token), fp: token } });
      return true;
    }
    default:
      return false;
  }
}

function sealed(token: string): { readonly ct: string; readonly iv: string; readonly kid: string } {
  return { ct: token, iv: '', kid: '' };
}

function editorEvents(context: Context, world: World, editor: Editor, index: number): void {
  const what = editor.kind === 'edit' ? `of revision ${editor.integration.rev}: ${editor.stage}` : 'of the removal';
  emitStep(context, world, `the editor goes on, ${what}`, (next) => {
    const goesOn = writeNext(context, next, editor);
    next.editors = world.editors.flatMap((other, at) => (at === index ? (goesOn ?? []) : other));
    if (goesOn === undefined) acknowledge(next, editor);
  });
  emitFault(context, world, 'editor-crash', `the editor dies before its next step ${what}`, (next) => {
    next.editors = world.editors.filter((_other, at) => at !== index);
  });
}

/** @returns the editor before its next write; `undefined`: this was the last */
function writeNext(context: Context, draft: Draft, editor: Editor): Editor | undefined {
  if (editor.kind === 'removal') {
    const { [recordId(editor.generation, 0)]: removed, ...others } = draft.records;
    draft.records = others;
    if (removed?.at.sealed !== undefined) endSession(draft, removed.at.sealed.ct);
    return undefined;
  }
  const { integration, stage, forgives, resets } = editor;
  const id = recordId(integration.generation, 0);
  switch (stage) {
    case 'look':
      if (draft.integration === undefined) return undefined;
      return { ...editor, stage: 'record', ...(draft.records[id] === undefined ? {} : { read: draft.integration }) };
    case 'record':
      if (editor.read !== undefined) bringUp(context, draft, id, editor.read);
      return forgives ? { ...editor, stage: 'forgive' } : resets ? { ...editor, stage: 'guard' } : undefined;
    case 'forgive':
      writeRecord(context.protocol, draft, id, { kind: 'forgive' });
      return resets ? { ...editor, stage: 'guard' } : undefined;
    case 'guard': {
      const credentialId = context.configurations.credentialId(integration);
      writeGuard(context.protocol, draft, credentialId, { kind: 'reset' });
      forgetTries(draft, credentialId);
      return undefined;
    }
  }
}

function bringUp({ protocol }: Context, draft: Draft, id: string, { rev, accountRev, secretRev }: Integration): void {
  writeRecord(protocol, draft, id, { kind: 'bring-up', rev, accountRev, secretRev, newId: identity(draft) });
}

function acknowledge(draft: Draft, editor: Editor): void {
  if (editor.kind !== 'edit' || draft.integration?.generation !== editor.integration.generation) return;
  const { accountRev, secretRev } = draft.acknowledged;
  draft.acknowledged = {
    accountRev: Math.max(accountRev, editor.integration.accountRev),
    secretRev: Math.max(secretRev, editor.integration.secretRev),
  };
}
