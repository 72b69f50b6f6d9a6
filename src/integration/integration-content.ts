/** An integration's own content, opened: what an edit merges into and what a record is made of. */
import type { Cipher, Sealed } from '../kernel/cipher.ts';
import type { IntegrationDocument } from './integration-input.ts';
import type { IntegrationRecord, IntegrationSettings } from './integration-store.ts';
import { serverUrl } from './server-url.ts';
import type { SchemeValues } from './scheme-credentials.ts';

export interface IntegrationContent {
  readonly settings: IntegrationSettings;
  readonly authentication: Readonly<Record<string, SchemeValues>>;
  readonly tlsKey?: string;
}

/** What is sealed as one value: everything that may hold a secret, so that no list of secret names can be incomplete. */
interface SealedContent {
  readonly authentication: Readonly<Record<string, SchemeValues>>;
  readonly tlsKey?: string;
}

function binding(id: string): readonly string[] {
  return [`integration:${id}`, 'authentication'];
}

/** @throws EverbearerError `key_unknown`, `configuration_missing` */
export function openContent(cipher: Cipher, record: IntegrationRecord): IntegrationContent {
  const sealed = JSON.parse(cipher.open(record.sealed, binding(record.id))) as SealedContent;
  return { settings: record.settings, ...sealed };
}

export function sealContent(cipher: Cipher, id: string, content: IntegrationContent): Sealed {
  const { authentication, tlsKey } = content;
  const sealed: SealedContent = { authentication, ...(tlsKey === undefined ? {} : { tlsKey }) };
  return cipher.seal(JSON.stringify(sealed), binding(id));
}

/** @throws EverbearerError `bad_request` where the server is no URL */
export function contentOf(document: IntegrationDocument, defaultServer: string | undefined): IntegrationContent {
  const server = settingsServer(document, defaultServer);
  if (server !== undefined) serverUrl(server);
  const { tls } = document;
  return {
    settings: {
      server: server ?? { url: '' },
      tls: {
        enabled: tls?.enabled ?? true,
        rejectUnauthorized: tls?.rejectUnauthorized ?? true,
        ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
        ...(tls?.certificate === undefined ? {} : { certificate: tls.certificate }),
      },
      ...(document.egress === undefined ? {} : { egress: document.egress }),
      ...(document.allowHttp === undefined ? {} : { allowHttp: document.allowHttp }),
      ...(document.resendWrites === undefined ? {} : { resendWrites: document.resendWrites }),
      ...(document.expirySigns === undefined ? {} : { expirySigns: document.expirySigns }),
    },
    authentication: document.authentication ?? {},
    ...(tls?.key === undefined ? {} : { tlsKey: tls.key }),
  };
}

function settingsServer(
  document: IntegrationDocument,
  defaultServer: string | undefined,
): IntegrationSettings['server'] | undefined {
  const { server } = document;
  if (server === undefined) return defaultServer === undefined ? undefined : { url: defaultServer };
  if ('url' in server) return server.url === '' ? undefined : { url: server.url };
  return {
    protocol: server.protocol ?? 'https',
    host: server.host,
    ...(server.port === undefined ? {} : { port: server.port }),
    base_path: server.base_path ?? '',
  };
}

/** The content as a person would have written it: what a merge patch is applied to. */
export function documentOf(
  record: Pick<IntegrationRecord, 'name' | 'model'>,
  content: IntegrationContent,
): IntegrationDocument {
  const { server, tls, egress, allowHttp, resendWrites, expirySigns } = content.settings;
  return {
    name: record.name,
    model: record.model,
    ...('url' in server && server.url === '' ? {} : { server }),
    tls: { ...tls, ...(content.tlsKey === undefined ? {} : { key: content.tlsKey }) },
    authentication: content.authentication,
    ...(egress === undefined ? {} : { egress }),
    ...(allowHttp === undefined ? {} : { allowHttp }),
    ...(resendWrites === undefined ? {} : { resendWrites }),
    ...(expirySigns === undefined ? {} : { expirySigns }),
  };
}
