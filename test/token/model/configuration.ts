/** The integration as workers see it. One object a revision, so that it is compared by identity. */
import type { Exchange } from '../../../src/exchange/exchange.ts';
import type { TokenConfiguration } from '../../../src/token/token-configuration.ts';
import type { Integration, Settings } from './world.ts';

export interface Configurations {
  get(integration: Integration, scope: number): TokenConfiguration;
  /** Of the credential guard. */
  credentialId(integration: Integration): string;
}

export function createConfigurations(settings: Settings): Configurations {
  const known = new Map<string, TokenConfiguration>();
  const credentialId = ({ account, secret }: Integration): string => `cred:${account}.${secret}`;
  return {
    credentialId,
    get(integration, scope) {
      const { generation, rev, accountRev, secretRev, account, secret } = integration;
      const tag = `${generation}.${scope}/${rev}.${accountRev}.${secretRev}/${account}.${secret}`;
      const found = known.get(tag);
      if (found !== undefined) return found;
      const made = {
        id: recordId(generation, scope),
        integrationId: `integration-${generation}`,
        integration: 'model',
        scheme: 'main',
        rev,
        accountRev,
        secretRev,
        cfgFp: `cfg:${account}.${secret}`,
        exchange: { id: 'password', end: settings.ends ? [] : null } as unknown as Exchange,
        inputs: { account, secret },
        missing: [],
        hasPrimary: settings.hasPrimary,
        ...(settings.guarded ? { credentialId: credentialId(integration) } : {}),
        origin: 'https://as.example:443',
        presentsRefreshToken: true,
        destination: undefined as never,
        limits: undefined as never,
      } satisfies TokenConfiguration;
      known.set(tag, made);
      return made;
    },
  };
}

export function recordId(generation: number, scope: number): string {
  return `record:${generation}.${scope}`;
}
