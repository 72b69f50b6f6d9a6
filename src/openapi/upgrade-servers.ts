/** OpenAPI 2.0's `host`, `basePath` and `schemes` → 3.x servers. */
import { trimSlashes } from './uri-reference.ts';
import { listField, textField, textList, type ForeignObject } from './document-fields.ts';

/** `schemes` of an operation replace those of the document; `undefined` where it names none. */
export function operationSchemes(operation: unknown): readonly string[] | undefined {
  const schemes = textList(listField(operation, 'schemes'));
  return schemes.length === 0 ? undefined : schemes;
}

/** `schemes`, `host` and `basePath` as server URLs, https first: a token over plain http is refused unless somebody allows it. */
export function upgradeServers(
  document: unknown,
  schemes: readonly string[],
  documentUrl: string | undefined,
): readonly ForeignObject[] {
  const host = bareHost(textField(document, 'host') ?? '');
  const basePath = rootedPath(textField(document, 'basePath') ?? '');
  if (host === '')
    return basePath === '' && documentUrl === undefined ? [] : [{ url: basePath === '' ? '/' : basePath }];
  const known = ['https', 'http'].filter((scheme) => schemes.some((given) => given.toLowerCase() === scheme));
  const origin = /^https?:/.exec(documentUrl ?? '')?.[0].slice(0, -1) ?? 'https';
  return (known.length === 0 ? [origin] : known).map((scheme) => ({ url: `${scheme}://${host}${basePath}` }));
}

/** People write a whole URL where only the host should be. */
function bareHost(host: string): string {
  return trimSlashes(host.trim().replace(/^https?:\/\//i, ''));
}

function rootedPath(path: string): string {
  const bare = trimSlashes(path.trim());
  return bare === '' || bare.startsWith('/') ? bare : `/${bare}`;
}
