import { EverbearerError } from '../errors.ts';
import type { Rendered } from '../kernel/template.ts';

/**
 * The value of a template in a place that can't be left empty.
 * @throws EverbearerError `configuration_missing` with `details.path`, and `details.input` where an input is missing
 */
export function needed<T>(rendered: Rendered<T>, place: string): T {
  if (!('missing' in rendered)) return rendered.value;
  const { missing } = rendered;
  const input = /^inputs\.([^.]+)/.exec(missing)?.[1];
  throw new EverbearerError('configuration_missing', `${input ?? missing} is not set, and ${place} needs it.`, {
    hint: input === undefined ? 'Look at where the exchange takes it from.' : `Set ${input}.`,
    details: { path: missing, ...(input === undefined ? {} : { input }) },
  });
}
