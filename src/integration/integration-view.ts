/** How an integration is shown: secrets masked. Pure. */
import type { IntegrationView } from './integrations-face.ts';
import type { Json } from '../kernel/json.ts';
import { mask } from '../kernel/mask.ts';
import type { IntegrationContent } from './integration-content.ts';
import type { IntegrationRecord } from './integration-store.ts';
import { maskedValues } from './public-fields.ts';

export function integrationView(record: IntegrationRecord, content: IntegrationContent): IntegrationView {
  const { server, tls, egress, allowHttp, resendWrites, expirySigns } = content.settings;
  return {
    name: record.name,
    model: record.model,
    server: server as unknown as Json,
    tls: { ...tls, ...(content.tlsKey === undefined ? {} : { key: mask(content.tlsKey) }) },
    authentication: Object.fromEntries(
      Object.entries(content.authentication).map(([scheme, values]) => [scheme, maskedValues(values)]),
    ),
    ...(egress === undefined ? {} : { egress }),
    ...(allowHttp === undefined ? {} : { allowHttp }),
    ...(resendWrites === undefined ? {} : { resendWrites }),
    ...(expirySigns === undefined ? {} : { expirySigns: expirySigns as unknown as Json }),
    created_at: new Date(record.createdAt).toISOString(),
    updated_at: new Date(record.updatedAt).toISOString(),
  };
}
