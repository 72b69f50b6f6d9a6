/** The contenders in the order of the tables. Each is loaded only in its own processes: some of them are large. */
import packageJson from '../../package.json' with { type: 'json' };
import type { Contender } from './contender.ts';

export type ContenderName =
  'everbearer-sqlite' | 'everbearer-mongodb' | 'simple-oauth2' | 'badgateway' | 'openid-client' | 'adapter-utils';

export interface ContenderEntry {
  /** As the tables name it, peers with their version. */
  readonly title: string;
  readonly load: () => Promise<Contender>;
}

export const CONTENDERS: Readonly<Record<ContenderName, ContenderEntry>> = {
  'everbearer-sqlite': {
    title: 'Everbearer, SQLite',
    load: async () => (await import('./everbearer-contender.ts')).everbearerOnSqlite,
  },
  'everbearer-mongodb': {
    title: 'Everbearer, MongoDB',
    load: async () => (await import('./everbearer-contender.ts')).everbearerOnMongodb,
  },
  'simple-oauth2': {
    title: peer('simple-oauth2'),
    load: async () => (await import('./simple-oauth2-contender.ts')).simpleOauth2,
  },
  badgateway: {
    title: peer('@badgateway/oauth2-client'),
    load: async () => (await import('./badgateway-contender.ts')).badgateway,
  },
  'openid-client': {
    title: peer('openid-client'),
    load: async () => (await import('./openid-client-contender.ts')).openidClient,
  },
  'adapter-utils': {
    title: peer('@itentialopensource/adapter-utils'),
    load: async () => (await import('./adapter-utils-contender.ts')).adapterUtils,
  },
};

/** Versions are pinned, so that the package file says which one runs. */
function peer(name: keyof typeof packageJson.devDependencies): string {
  return `${name} ${packageJson.devDependencies[name]}`;
}
