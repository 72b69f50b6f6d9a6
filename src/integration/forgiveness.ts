/** A person gave credentials anew: what the guard and the records remember of their failures goes, also where they are the same as before (M1). */
import type { CredentialStore } from '../token/credential-store.ts';
import type { TokenStore } from '../token/token-store.ts';
import type { Directory } from './directory.ts';

export interface ForgivenessPorts {
  readonly directory: Directory;
  readonly credentials: CredentialStore;
  readonly tokens: TokenStore;
}

export type Forgive = (integration: string, schemes: readonly string[]) => Promise<void>;

export function createForgiveness({ directory, credentials, tokens }: ForgivenessPorts): Forgive {
  return async (name, schemes) => {
    if (schemes.length === 0) return;
    const integration = await directory.reload(name);
    for (const scheme of schemes) {
      if (integration.credentials.get(scheme)?.kind !== 'token') continue;
      const { credentialId } = integration.tokenConfiguration(scheme);
      if (credentialId !== undefined) await credentials.apply(credentialId, { kind: 'reset' });
    }
    const { records } = await tokens.list(integration.record.id);
    for (const { id, scheme } of records.values())
      if (schemes.includes(scheme)) await tokens.apply(id, { kind: 'forgive' });
  };
}
