/** The URL of a step. What a value may do depends on where it stands: a leading one is the base URL, the others are encoded for their place. */
import { EverbearerError } from '../errors.ts';
import { own, type Json } from '../kernel/json.ts';
import type { CompiledStep } from './compiled-exchange.ts';
import { formEncoded } from './step-parameters.ts';
import { renderText, type Escape, type Rendered, type Template, type TemplateScope } from '../kernel/template.ts';

/**
 * @param query further parameters, appended; what the URL already carries stays as it is written (RFC 6749 §3.2)
 * @throws EverbearerError `configuration_missing` for what is no absolute http(s) URL, or for a value that would change the host
 */
export function renderUrl(
  template: Template,
  query: readonly (readonly [string, string])[],
  scope: TemplateScope,
): Rendered<URL> {
  const rendered = renderText(template, scope, escapeForPlace(template));
  if ('missing' in rendered) return rendered;
  const url = parseUrl(rendered.value);
  const parameters = formEncoded(query);
  if (parameters !== '') url.search = url.search === '' ? parameters : `${url.search}&${parameters}`;
  return { value: url };
}

/** Where a person changes the URL: the input that it comes from, else the step itself. */
export function urlSetting({ url, step }: CompiledStep, inputs: Readonly<Record<string, Json>>): string {
  const names = url.paths.flatMap((path) => /^inputs\.([^.]+)/.exec(path)?.[1] ?? []);
  const given = names.find((name) => ![undefined, null, ''].includes(own(inputs, name) as string | null | undefined));
  return given ?? `the "url" of step "${step.name}"`;
}

function escapeForPlace(template: Template): Escape {
  const [, second] = template.parts;
  const slashFollows = typeof second === 'string' && second.startsWith('/');
  return (text, before, expression) => {
    // People write base URLs with and without the last slash.
    if (before === '') return slashFollows ? text.trim().replace(/\/+$/, '') : text.trim();
    if (/^[a-z][a-z\d+.-]*:\/\/[^/?#]*$/i.test(before)) return hostPart(text);
    return expression.filters.at(-1)?.name === 'urlencode' ? text : encodeURIComponent(text.toWellFormed());
  };
}

/** A value in the host may only be (part of) a host name, so that it can't turn the rest of the URL into a path. */
function hostPart(text: string): string {
  if (/^[a-z\d](?:[a-z\d.-]*[a-z\d])?(?::\d{1,5})?$/i.test(text)) return text;
  throw unfit(
    'A value that stands in the host of the URL is no host name',
    'Give the bare name, without scheme or path.',
  );
}

function parseUrl(text: string): URL {
  if (/[{}]/.test(text)) throw unfit('The URL still holds a {variable}', 'Fill it in.');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw unfit('The URL is no absolute http or https URL', 'It begins with https:// and a host.');
  }
  if (url.username !== '' || url.password !== '') {
    throw unfit('The URL carries a user name or password', 'Take them out of the URL and set them as inputs.');
  }
  if (url.hash !== '') {
    throw unfit('The URL has a fragment ("#…"), which an endpoint must not have (RFC 6749 §3.2)', 'Take it out.');
  }
  return url;
}

function unfit(what: string, hint: string): EverbearerError {
  return new EverbearerError('configuration_missing', `${what}.`, { hint });
}
