import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { EverbearerError } from '../../src/errors.ts';
import { parseExchange } from '../../src/exchange/parse-exchange.ts';
import { readyExchange, READY_EXCHANGES } from '../../src/exchange/ready-exchanges.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));

const webcrm = readyExchange('webcrm');
const step = { name: 'login', url: 'https://x.example.com/' };

const errorOf = (value: unknown): EverbearerError => {
  try {
    parseExchange(value);
  } catch (error) {
    if (error instanceof EverbearerError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

describe('every exchange that we ship or show is valid', () => {
  const folders = ['src/exchange/ready', 'examples/exchanges'];
  const files = folders.flatMap((folder) => readdirSync(join(root, folder)).map((file) => join(folder, file)));

  test.each(files.filter((file) => file.endsWith('.json')))('%s', (file) => {
    const document = read(file) as { readonly id: string };
    expect(parseExchange(document)).toEqual(document);
    expect(file.endsWith(`/${document.id}.json`)).toBe(true);
  });

  test('every file of ready/ is in the list', () => {
    const shipped = readdirSync(join(root, 'src/exchange/ready')).map((file) => file.replace('.json', ''));
    expect([...READY_EXCHANGES.keys()].sort()).toEqual(shipped.sort());
  });

  test('the schema itself is strict', () => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
    expect(() => ajv.compile(read('schemas/exchange.schema.json') as object)).not.toThrow();
  });

  test('an exchange that is not shipped is named beside those that are', () => {
    expect(() => readyExchange('nope')).toThrow(
      expect.objectContaining({ code: 'bad_request', hint: expect.stringContaining('client_credentials') }),
    );
  });
});

test('what is parsed is a frozen copy', () => {
  const document = structuredClone(webcrm) as { title: string };
  const exchange = parseExchange(document);
  document.title = 'changed';
  expect(exchange.title).toBe('webCRM login');
  expect(Object.isFrozen(exchange.acquire[0])).toBe(true);
});

describe('a document that is not valid is refused with the place and the reason', () => {
  test.each<readonly [string, unknown, string, RegExp]>([
    ['no object', null, '', /must be object/],
    ['text', 'webcrm', '', /must be object/],
    ['a member is missing', { ...webcrm, extract: undefined }, '', /"extract" is missing/],
    ['a member too many', { ...webcrm, refreshToken: true }, '', /"refreshToken" is not known/],
    ['a step without a URL', { ...webcrm, acquire: [{ name: 'a' }] }, '/acquire/0', /"url" is missing/],
    [
      'a member of a step that is not known',
      { ...webcrm, acquire: [{ ...step, body: {} }] },
      '/acquire/0',
      /"body" is not known/,
    ],
    [
      'two bodies',
      { ...webcrm, acquire: [{ ...step, form: {}, json: {} }] },
      '/acquire/0',
      /one of form, json, xml and text/,
    ],
    [
      'two ways of reading',
      { ...webcrm, extract: { access_token: { pointer: '/a', header: 'b' } } },
      '/extract/access_token',
      /Exactly one/,
    ],
    ['no way of reading', { ...webcrm, extract: { access_token: {} } }, '/extract/access_token', /Exactly one/],
    [
      'a way that is not known',
      { ...webcrm, extract: { access_token: { pointer: '/a', path: 'b' } } },
      '/extract/access_token',
      /"path" is not known/,
    ],
    [
      'no pointer',
      { ...webcrm, extract: { access_token: { pointer: 'access_token' } } },
      '/extract/access_token/pointer',
      /form that is needed/,
    ],
    [
      'a class that is not known',
      { ...webcrm, acquire: [{ ...step, errors: [{ when: { status: [401] }, class: 'fatal' }] }] },
      '/acquire/0/errors/0/class',
      /"credentials"/,
    ],
    [
      'a condition without a condition',
      { ...webcrm, acquire: [{ ...step, success: { unless: {} } }] },
      '/acquire/0/success/unless',
      /fewer than 1/,
    ],
    ['a duration that is none', { ...webcrm, expiry: { after: '1 hour' } }, '/expiry/after', /form that is needed/],
    [
      'a header name that is none',
      { ...webcrm, apply: [{ in: 'header', name: 'X Y', value: 'z' }] },
      '/apply/0/name',
      /form that is needed/,
    ],
    [
      'a template that can not be read',
      { ...webcrm, acquire: [{ ...step, url: 'https://x/{{ inputs.' }] },
      '/acquire/0/url',
      /character/,
    ],
    [
      'an input that is not declared',
      { ...webcrm, acquire: [{ ...step, json: { a: [{ b: '{{ inputs.nope }}' }] } }] },
      '/acquire/0/json/a/0/b',
      /no input "nope"/,
    ],
    [
      'a filter that does not exist',
      { ...webcrm, acquire: [{ ...step, headers: { a: '{{ now | nope }}' } }] },
      '/acquire/0/headers/a',
      /no filter "nope".*urlencode/,
    ],
    [
      'a root that does not exist',
      { ...webcrm, acquire: [{ ...step, headers: { a: '{{ secrets.x }}' } }] },
      '/acquire/0/headers/a',
      /Nothing is known as "secrets.x"/,
    ],
    [
      'a step that is not done yet',
      { ...webcrm, acquire: [{ ...step, headers: { a: '{{ steps.login.x }}' } }] },
      '/acquire/0/headers/a',
      /no output of an earlier step/,
    ],
    ['two steps of one name', { ...webcrm, acquire: [step, step] }, '/acquire/1/name', /two steps "login"/],
    [
      'a source that does not exist',
      { ...webcrm, extract: { access_token: { from: 'nope', pointer: '/a' } } },
      '/extract/access_token/from',
      /no step "nope"/,
    ],
    [
      'a zone that does not exist',
      { ...webcrm, expiry: { daily: { time: '00:00', zone: 'Europe/Atlantis' } } },
      '/expiry/daily/zone',
      /no time zone/,
    ],
    [
      'parameters that are not declared',
      { ...webcrm, acquire: [{ ...step, parameters: 'extra' }] },
      '/acquire/0/parameters',
      /no input "extra"/,
    ],
    [
      'two proofs of the client',
      { ...webcrm, acquire: [{ ...step, headers: { authorization: 'x' }, authenticate: 'client' }] },
      '/acquire/0/headers',
      /prove itself twice/,
    ],
    ['nothing to do', { ...webcrm, acquire: [], refresh: null }, '/acquire', /neither a step/],
    [
      'what applies a token can not see the time',
      { ...webcrm, apply: [{ in: 'header', name: 'a', value: '{{ now }}' }] },
      '/apply/0/value',
      /Nothing is known as "now"/,
    ],
  ])('%s', (_what, document, pointer, message) => {
    const error = errorOf(JSON.parse(JSON.stringify(document)));
    expect(error).toMatchObject({ code: 'bad_request', hint: expect.stringContaining('docs/exchanges.md') });
    expect(error.message).toMatch(message);
    const { problems } = error.details as { readonly problems: readonly { readonly pointer: string }[] };
    expect(error.details?.['pointer']).toBe(pointer);
    expect(problems.length).toBeLessThanOrEqual(10);
  });

  test('all problems are told, at most ten', () => {
    const steps = Array.from({ length: 20 }, (_, index) => ({
      ...step,
      name: `s${String(index)}`,
      url: '{{ inputs.nope }}',
    }));
    const { problems } = errorOf({ ...webcrm, acquire: steps }).details as { readonly problems: readonly unknown[] };
    expect(problems).toHaveLength(10);
  });
});
