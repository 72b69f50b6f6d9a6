import { describe, expect, test } from 'vitest';
import { compileStep } from '../../src/exchange/compiled-exchange.ts';
import type { Step } from '../../src/exchange/exchange.ts';
import type { StepContext } from '../../src/exchange/step-context.ts';
import { buildStepRequest, type StepRequest } from '../../src/exchange/step-request.ts';
import type { Json } from '../../src/kernel/json.ts';
import { NOW } from './support/exchange-runs.ts';

const build = (
  step: Partial<Step>,
  inputs: Readonly<Record<string, Json>> = {},
  more: Partial<StepContext> = {},
): StepRequest =>
  buildStepRequest(compileStep({ name: 'login', url: 'https://api.example.com/login', ...step }), {
    inputs,
    steps: {},
    token: {},
    now: NOW,
    uuid: 'uuid-1',
    ...more,
  });

describe('the URL', () => {
  test.each([
    [
      'a base URL stands first',
      '{{ inputs.base }}/login',
      { base: 'https://x.example.com/v2' },
      'https://x.example.com/v2/login',
    ],
    [
      'its last slash is not doubled',
      '{{ inputs.base }}/login',
      { base: ' https://x.example.com/ ' },
      'https://x.example.com/login',
    ],
    [
      'its query stays as written',
      '{{ inputs.base }}',
      { base: 'https://x.example.com/t?a=b%20c&d=~' },
      'https://x.example.com/t?a=b%20c&d=~',
    ],
    [
      'in the path a value is encoded',
      'https://x.example.com/{{ inputs.v }}/token',
      { v: 'a/../b?c#d' },
      'https://x.example.com/a%2F..%2Fb%3Fc%23d/token',
    ],
    [
      'in the query a value is encoded',
      'https://x.example.com/?id={{ inputs.v }}&x=1',
      { v: 'a&b=c d' },
      'https://x.example.com/?id=a%26b%3Dc%20d&x=1',
    ],
    [
      'what is encoded by filter is not encoded twice',
      'https://x.example.com/?id={{ inputs.v | urlencode }}',
      { v: 'a b' },
      'https://x.example.com/?id=a%20b',
    ],
    ['a host part is a host part', 'https://{{ inputs.v }}.example.com/t', { v: 'eu-1' }, 'https://eu-1.example.com/t'],
    ['a port may stand with it', 'http://{{ inputs.v }}/t', { v: '127.0.0.1:8080' }, 'http://127.0.0.1:8080/t'],
  ])('%s', (_rule, url, inputs, expected) => {
    expect(build({ url }, inputs).url.href).toBe(expected);
  });

  test.each([
    ['a value can not move the host', 'https://{{ inputs.v }}.example.com/', { v: 'evil.com/' }, /no host name/],
    [
      'nor hide it behind credentials',
      'https://{{ inputs.v }}.example.com/',
      { v: 'user:pw@evil.com' },
      /no host name/,
    ],
    ['a variable is left', '{{ inputs.v }}', { v: 'https://login.example.com/{tenant}/token' }, /\{variable\}/],
    ['it is relative', '{{ inputs.v }}', { v: '/token' }, /no absolute http or https URL/],
    ['it is no web URL', '{{ inputs.v }}', { v: 'file:///etc/passwd' }, /no absolute http or https URL/],
    ['it carries a password', '{{ inputs.v }}', { v: 'https://a:b@x.example.com/' }, /user name or password/],
    ['it has a fragment', '{{ inputs.v }}', { v: 'https://x.example.com/#a' }, /fragment/],
    ['an input is missing', 'https://x.example.com/{{ inputs.v }}', {}, /^v is not set, and the URL needs it/],
    ['an input is empty', 'https://x.example.com/{{ inputs.v }}', { v: '' }, /^v is not set/],
  ])('is refused where %s', (_why, url, inputs, message) => {
    expect(() => build({ url }, inputs)).toThrow(
      expect.objectContaining({ code: 'configuration_missing', message: expect.stringMatching(message) }),
    );
  });

  test('query parameters are appended, those that render to nothing left out', () => {
    const query = { a: '{{ inputs.a }}', b: '{{ inputs.b }}', c: 'x y' };
    expect(build({ url: 'https://x.example.com/t?z=1', query }, { a: '&' }).url.search).toBe('?z=1&a=%26&c=x+y');
  });
});

describe('a header', () => {
  test('carries text, names in lower case, over the defaults', () => {
    const request = build(
      { headers: { authCode: '{{ inputs.code }}', Accept: 'text/xml' }, form: {} },
      { code: 'ä b' },
    );
    expect(request.headers).toEqual({
      accept: 'text/xml',
      'content-type': 'application/x-www-form-urlencoded',
      authcode: 'ä b',
    });
  });

  test('that renders to the empty string by default is left out', () => {
    expect(build({ headers: { 'X-Tenant': "{{ inputs.tenant | default('') }}" } }).headers).not.toHaveProperty(
      'x-tenant',
    );
  });

  test.each(['a\r\nX-Evil: 1', 'a\nb', 'a\0b', 'snow ☃', '\u007f', 'trailing\n'])('refuses %j', (code) => {
    expect(() => build({ headers: { authCode: '{{ inputs.code }}' } }, { code })).toThrow(
      /The header authCode would carry/,
    );
  });

  test('whose value is missing names the input', () => {
    expect(() => build({ headers: { authCode: 'x{{ inputs.auth_code }}' } })).toThrow(
      expect.objectContaining({
        message: 'auth_code is not set, and the header authCode needs it.',
        details: { path: 'inputs.auth_code', input: 'auth_code' },
      }),
    );
  });
});

describe('a body', () => {
  test('form: a value that is missing or empty is left out (RFC 6749 §3.2)', () => {
    const form = {
      a: '{{ inputs.a }}',
      scope: '{{ inputs.scope }}',
      none: '{{ inputs.none }}',
      half: 'x{{ inputs.none }}',
    };
    expect(build({ form }, { a: '1 &2', scope: '' }).body).toBe('a=1+%262');
  });

  test('JSON: values keep their type and can not break out of their string; what is missing is left out', () => {
    const json = {
      user: '{{ inputs.user }}',
      n: '{{ inputs.n }}',
      half: '{{ inputs.none }}',
      fixed: [1, null, true, '{{ inputs.none }}'],
      deep: { all: '{{ inputs.all }}' },
    };
    const request = build({ json }, { user: '","admin":"1', n: 7, all: { x: [1] } });
    expect(JSON.parse(request.body ?? '')).toEqual({
      user: '","admin":"1',
      n: 7,
      fixed: [1, null, true],
      deep: { all: { x: [1] } },
    });
    expect(request.headers['content-type']).toBe('application/json');
  });

  test('XML: values are escaped, and must be there', () => {
    const xml = '<a b="{{ inputs.v }}">{{ inputs.v }}</a>';
    expect(build({ xml }, { v: '<&">' }).body).toBe('<a b="&lt;&amp;&quot;&gt;">&lt;&amp;&quot;&gt;</a>');
    expect(() => build({ xml })).toThrow('v is not set, and the body needs it.');
  });

  test('text stands as it is', () => {
    expect(
      build({ text: '{"user":{{ inputs.v | json }}}', headers: { 'Content-Type': 'application/json' } }, { v: 'a"b' }),
    ).toMatchObject({
      body: '{"user":"a\\"b"}',
      headers: { 'content-type': 'application/json' },
    });
  });

  test('without any there is none', () => {
    expect(build({ method: 'PUT' })).toMatchObject({ method: 'PUT', headers: { accept: 'application/json' } });
    expect(build({})).not.toHaveProperty('body');
  });
});

describe('parameters', () => {
  const step: Partial<Step> = {
    form: { grant_type: 'password', scope: '{{ inputs.scope }}' },
    parameters: 'parameters',
  };

  test('are merged into the form; a list is repeated (RFC 8707 §2); null and empty are left out', () => {
    const parameters = { audience: 'a', resource: ['https://r1', 'https://r2'], n: 5, flag: true, no: null, empty: '' };
    expect(build(step, { parameters }).body).toBe(
      'grant_type=password&audience=a&resource=https%3A%2F%2Fr1&resource=https%3A%2F%2Fr2&n=5&flag=true',
    );
  });

  test('are merged into a JSON object with their types', () => {
    const parameters = { audience: 'a', n: 5, list: ['x', 'y'] };
    expect(
      JSON.parse(build({ json: { grant_type: 'x' }, parameters: 'parameters' }, { parameters }).body ?? ''),
    ).toEqual({
      grant_type: 'x',
      audience: 'a',
      n: 5,
      list: ['x', 'y'],
    });
  });

  test('the same value again is sent once, another one is refused', () => {
    expect(build(step, { scope: 'a', parameters: { scope: 'a' } }).body).toBe('grant_type=password&scope=a');
    expect(() => build(step, { parameters: { grant_type: 'client_credentials' } })).toThrow(
      'The parameter grant_type would be sent with two values.',
    );
    expect(() => build(step, { scope: 'a', parameters: { scope: 'b' } })).toThrow('The parameter scope');
  });

  test.each([['text'], [{ deep: { a: 1 } }], [[1]]])('%j is no object of parameters', (parameters) => {
    expect(() => build(step, { parameters })).toThrow(/parameters/);
  });

  test('have no place without a form or a JSON object, and never go into the URL', () => {
    expect(() => build({ parameters: 'parameters' }, { parameters: { a: 'b' } })).toThrow(/have no place/);
    expect(() =>
      build({ authenticate: 'client' }, { client_id: 'a', client_secret: 'b' }, { clientAuth: 'client_secret_post' }),
    ).toThrow(/have no place/);
  });
});

describe('values', () => {
  test('are rendered in order and seen by the rest of the step', () => {
    const values = {
      a: '{{ inputs.v }}1',
      b: '{{ values.a }}2',
      claims: { iat: '{{ now | epoch }}', jti: '{{ uuid }}' },
    };
    expect(build({ values, headers: { X: '{{ values.b }}' }, json: '{{ values.claims }}' }, { v: 'v' })).toMatchObject({
      headers: { x: 'v12' },
      body: JSON.stringify({ iat: Math.floor(NOW / 1_000), jti: 'uuid-1' }),
    });
  });

  test('that sign need a signer', () => {
    expect(() => build({ headers: { X: "{{ 'a' | sha256 }}" } })).toThrow(/nothing to sign with/);
  });
});
