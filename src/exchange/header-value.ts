import { EverbearerError } from '../errors.ts';

/**
 * A rendered header value, without spaces around it.
 * @throws EverbearerError `configuration_missing` for what can't stand in a header (RFC 9110 §5.5): line breaks, control characters, beyond Latin-1
 */
export function headerValue(name: string, rendered: string): string {
  const value = rendered.replace(/^[\t ]+|[\t ]+$/g, '');
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  throw new EverbearerError(
    'configuration_missing',
    `The header ${name} would carry a line break, a control character or a character beyond Latin-1.`,
    { hint: 'Look at the inputs it is made of: a secret pasted with a line break is the usual cause.' },
  );
}
