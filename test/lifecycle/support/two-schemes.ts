/** An integration whose document names two schemes for one authorization server. */
import bookshop from '../../../src/demo/bookshop.json' with { type: 'json' };
import { DEFAULT_CLIENT, DEFAULT_USER } from '../../../src/demo/provider-behaviour.ts';
import type { Json } from '../../../src/kernel/json.ts';
import type { Shop } from './shop.ts';

export const TWO_SCHEMES = 'two-schemes';
export const SCHEMES = ['shop', 'other'] as const;

/** @param values of both schemes' authentication, over the provider's own accounts */
export async function createTwoSchemes(
  { worker, provider }: Shop,
  values: Readonly<Record<string, Json>> = {},
): Promise<void> {
  const { shop } = bookshop.components.securitySchemes;
  const document = {
    ...bookshop,
    info: { ...bookshop.info, title: 'Two schemes' },
    components: { ...bookshop.components, securitySchemes: { shop, other: shop } },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  const { versionId } = await worker.models.import({ name: 'two-schemes.json', bytes });
  const { tokenUrl } = provider;
  const given = { flow: 'password', ...DEFAULT_CLIENT, ...DEFAULT_USER, token_url: tokenUrl, refresh_url: tokenUrl };
  await worker.integrations.create({
    name: TWO_SCHEMES,
    model: versionId,
    server: { url: provider.apiUrl },
    authentication: Object.fromEntries(SCHEMES.map((scheme) => [scheme, { ...given, ...values }])),
  });
}
