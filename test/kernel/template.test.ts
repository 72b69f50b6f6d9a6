import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EverbearerError } from '../../src/errors.ts';
import { compileTemplate, renderText, renderValue } from '../../src/kernel/template.ts';
import { TEMPLATE_FILTERS } from '../../src/kernel/template-filters.ts';

const NOW = Date.UTC(2026, 2, 28, 23, 30);
const VALUES = {
  inputs: {
    id: 'my app',
    n: 7,
    yes: true,
    empty: '',
    nothing: null,
    list: ['a', 'b'],
    object: { x: 1 },
    'a-b': 'dash',
  },
  token: { extra: { site: 's1' } },
  now: NOW,
};

const render = (source: string, values: Readonly<Record<string, unknown>> = VALUES): unknown => {
  const rendered = renderText(compileTemplate(source), { values, filters: TEMPLATE_FILTERS });
  return 'missing' in rendered ? { missing: rendered.missing } : rendered.value;
};

describe('a template renders', () => {
  test.each([
    ['plain text', 'plain text'],
    ['', ''],
    ['{{ inputs.id }}', 'my app'],
    ['a{{inputs.n}}b{{ inputs.yes }}', 'a7btrue'],
    ['{{ inputs.a-b }}', 'dash'],
    ['{{ token.extra.site }}', 's1'],
    ['{{ inputs.list.1 }}', 'b'],
    ["{{ 'it''s' }}", { offset: 7 }],
    ["{{ '}}' }}", '}}'],
    ["{{ '{{' }}", '{{'],
    ["{{ 'it\\'s' }}", "it's"],
    ['{{ inputs.id | upper }}', 'MY APP'],
    ['{{ inputs.id|urlencode }}', 'my%20app'],
    ['{{ inputs.id | base64 }}', 'bXkgYXBw'],
    ["{{ '??>' | base64url }}", 'Pz8-'],
    ['{{ inputs.object | json }}', '{"x":1}'],
    ["{{ inputs.list | join(' ') }}", 'a b'],
    ["{{ inputs.id | join(' ') }}", 'my app'],
    ["{{ inputs.id | prepend(inputs.n) | append(':') }}", '7my app:'],
    ['{{ \'<a b="1">&\' | xml }}', '&lt;a b=&quot;1&quot;&gt;&amp;'],
    ["{{ ' x ' | trim }}", 'x'],
    ["{{ now | date('yyyy-MM-dd') }}", '2026-03-28'],
    ["{{ now | date('yyyy-MM-dd', 'Europe/Oslo') }}", '2026-03-29'],
    ["{{ now | plus('7d') | date('yyyyMMddHHmm') }}", '202604042330'],
    ['{{ now | date }}', '2026-03-28T23:30:00Z'],
    ['{{ now | epoch }}', String(NOW / 1_000)],
    ["{{ inputs.nothing | default('x') }}", 'x'],
    ["{{ inputs.empty | default('') }}", ''],
    ["{{ inputs.id | default('x') }}", 'my app'],
    ['{{ inputs.nope | default(inputs.id) }}', 'my app'],
  ])('%j as %j', (source, expected) => {
    if (typeof expected === 'string') expect(render(source)).toBe(expected);
    else expect(() => render(source)).toThrow(expect.objectContaining({ code: 'bad_request', details: expected }));
  });
});

describe('a value that is absent, null or empty is missing, and named', () => {
  test.each([
    ['x{{ inputs.nope }}', 'inputs.nope'],
    ['{{ inputs.nothing }}', 'inputs.nothing'],
    ['{{ inputs.empty | upper }}', 'inputs.empty'],
    ['{{ inputs.id | append(inputs.nope) }}', 'inputs.nope'],
    ['{{ inputs.nope | default(token.nope) }}', 'token.nope'],
    ['{{ unknown.root }}', 'unknown.root'],
  ])('%j', (source, missing) => {
    expect(render(source)).toEqual({ missing });
  });
});

describe('only own keys are looked up', () => {
  test.each([
    'inputs.constructor',
    'inputs.__proto__',
    'inputs.id.length',
    'toString',
    'inputs.list.length.constructor',
  ])('%s is missing', (path) => {
    expect(render(`{{ ${path} }}`)).toEqual({ missing: path });
  });
});

test('one expression alone keeps its type', () => {
  const scope = { values: VALUES, filters: TEMPLATE_FILTERS };
  expect(renderValue(compileTemplate('{{ inputs.n }}'), scope)).toEqual({ value: 7 });
  expect(renderValue(compileTemplate('{{ inputs.object }}'), scope)).toEqual({ value: { x: 1 } });
  expect(renderValue(compileTemplate(' {{ inputs.n }}'), scope)).toEqual({ value: ' 7' });
});

describe('what can not be rendered is refused with its reason', () => {
  test.each([
    ['{{ inputs.list }}', /list or an object/],
    ['{{ inputs.object | upper }}', /list or an object/],
    ["{{ inputs.id | date('yyyy') }}", /instant/],
    ["{{ now | date('yyyy', 'Mars/Olympus') }}", /time zone/],
    ["{{ now | plus('soon') }}", /duration/],
    ['{{ inputs.id | nope }}', /no template filter "nope"/],
    ['{{ inputs.id | constructor }}', /no template filter "constructor"/],
  ])('%j', (source, message) => {
    expect(() => render(source)).toThrow(message);
  });

  test.each([
    ['{{', 2],
    ['{{ }}', 3],
    ['ab {{ inputs.id', 15],
    ['{{ inputs.id | }}', 15],
    ["{{ inputs.id | default('x }}", 23],
    ["{{ inputs.id | default('x' }}", 26],
    ['{{ inputs..id }}', 9],
    ['{{ a b }}', 4],
  ])('%j can not be read, at offset %i', (source, offset) => {
    let thrown: unknown;
    try {
      compileTemplate(source);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(EverbearerError);
    expect((thrown as EverbearerError).details).toEqual({ offset });
  });
});

test('a compiled template names the paths and filters it uses, arguments included', () => {
  const template = compileTemplate("{{ inputs.a | default(inputs.b) | upper }}{{ now | date('y', inputs.zone) }}");
  expect(template.paths).toEqual(['inputs.a', 'inputs.b', 'now', 'inputs.zone']);
  expect(template.filters).toEqual(['default', 'upper', 'date']);
});

test('a template shows no value that it does not name', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9+/=_-]{12,40}$/);
  fc.assert(
    fc.property(
      fc.uniqueArray(secret, { minLength: 2, maxLength: 6 }),
      fc.nat(),
      fc.string(),
      (secrets, pick, text) => {
        const inputs = Object.fromEntries(secrets.map((value, index) => [`k${String(index)}`, value]));
        const named = pick % secrets.length;
        const rendered = render(`${text.replaceAll('{', '')}{{ inputs.k${String(named)} }}`, { inputs });
        const others = secrets.filter(
          (other, index) => index !== named && !secrets[named]?.includes(other) && !text.includes(other),
        );
        expect(others.filter((other) => String(rendered).includes(other))).toEqual([]);
      },
    ),
  );
});

test('any text is either a template or refused as one', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('{', '}', '{{', '}}', ' ', '|', '.', 'a', "'", '"', '\\', '(', ')', ',', '1', '-'),
      }),
      (source) => {
        try {
          compileTemplate(source);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_request' });
        }
      },
    ),
  );
});
