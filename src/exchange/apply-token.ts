/** Putting a token on a request: by the exchange's own `apply`. */
import { EverbearerError } from '../errors.ts';
import type { Json } from '../kernel/json.ts';
import { renderText } from '../kernel/template.ts';
import { TEMPLATE_FILTERS } from '../kernel/template-filters.ts';
import { compiledExchange } from './compiled-exchange.ts';
import type { Application, Exchange } from './exchange.ts';
import type { PresentedToken } from './exchange-request.ts';
import { headerValue } from './header-value.ts';
import { needed } from './needed.ts';
import { withDefaults } from './step-context.ts';

export interface AppliedToken {
  /** Names as the document writes them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
}

/**
 * What a request needs to carry the token. Values of `query` are not encoded yet.
 * @param inputs the authentication's values, for exchanges that send one of them with every request (`SO-AppToken`)
 * @throws EverbearerError `configuration_missing` where a value is not there, or can't stand in a header or cookie
 */
export function applyToken(
  exchange: Exchange,
  token: PresentedToken,
  inputs: Readonly<Record<string, Json>> = {},
): AppliedToken {
  const scope = { values: { token, inputs: withDefaults(inputs, exchange.inputs) }, filters: TEMPLATE_FILTERS };
  const rendered = compiledExchange(exchange).apply.map(({ application, template }) => {
    const value = needed(renderText(template, scope), `the ${application.in} ${application.name}`);
    return [application, checked(application, value)] as const;
  });
  const of = (place: Application['in']): Readonly<Record<string, string>> =>
    Object.fromEntries(rendered.filter(([a]) => a.in === place).map(([a, value]) => [a.name, value]));
  return { headers: of('header'), query: of('query'), cookies: of('cookie') };
}

function checked(application: Application, value: string): string {
  if (application.in === 'query') return value;
  const fit = headerValue(application.name, value);
  if (application.in === 'header' || /^[^;,\s]*$/.test(fit)) return fit;
  throw new EverbearerError(
    'configuration_missing',
    `The cookie ${application.name} would carry a space, a comma or a semicolon.`,
    { hint: 'Look at where the exchange takes its value from.' },
  );
}
