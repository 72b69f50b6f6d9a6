/** A refused request on a virtual clock: what is sent, with which token, after how long, and what the manager is told. */
import { beforeEach, describe, expect, test } from 'vitest';
import { EverbearerError } from '../../src/errors.ts';
import { readyExchange } from '../../src/exchange/ready-exchanges.ts';
import { credentialsFor } from '../../src/integration/credentials.ts';
import type { Directory } from '../../src/integration/directory.ts';
import type { OpenIntegration } from '../../src/integration/open-integration.ts';
import type { IntegrationSettings } from '../../src/integration/integration-store.ts';
import type { HttpClient, HttpResponse } from '../../src/kernel/http-client.ts';
import type { Logger } from '../../src/kernel/logger.ts';
import { createRequestSender, type Delivery, type SendRequest } from '../../src/task/send-request.ts';
import type { HeldToken } from '../../src/token/held-token.ts';
import type { TokenConfiguration } from '../../src/token/token-configuration.ts';
import type { TokenManager } from '../../src/token/token-manager.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const HOUR = 3_600_000;
const SILENT: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

let clock: VirtualClock;
let inForce: HeldToken;
/** Ids of tokens that the API takes. */
let good: Set<string>;
/** Instants and tokens of the requests. */
let requests: string[];
/** Until then an answer to a request that is sent now is on its way. */
let delayed: Promise<undefined>;
let told: string[];
let reported: unknown[];
/** What the manager does with a refused token that is still in force. */
let renew: () => HeldToken;
let answerTo: (token: string) => Partial<HttpResponse> & { readonly status: number };
let sendRequest: SendRequest;

function token(id: string, given: Partial<HeldToken> = {}): HeldToken {
  return {
    recordId: 'i:s:k',
    id,
    version: Number(id.slice(1)),
    accessToken: id,
    tokenType: 'bearer',
    scope: null,
    expiresAt: clock.now() + HOUR,
    lifetimeMs: HOUR,
    obtainedBy: 'client_credentials',
    contested: false,
    presented: { access_token: id },
    ...given,
  };
}

/** Obtained by this process at this instant. */
const fresh = (id: string, given: Partial<HeldToken> = {}): HeldToken =>
  token(id, { obtainedAt: clock.monotonic(), ...given });

const http: HttpClient = {
  async request({ headers }) {
    const sentToken = /^Bearer (.*)$/.exec(String(headers['authorization']))?.[1] ?? '';
    requests.push(`${sentToken} at ${clock.monotonic()}`);
    await delayed;
    return { statusText: '', headers: {}, body: new Uint8Array(), ...answerTo(sentToken) };
  },
  close: () => Promise.resolve(),
};

const manager: TokenManager = {
  async get(_configuration, { rejected }) {
    await Promise.resolve();
    if (rejected !== undefined) reported.push(rejected);
    if (rejected?.id === inForce.id) inForce = renew();
    return inForce;
  },
  observe: (_configuration, { id }, seen) => void told.push(`${id} ${seen}`),
  edited: () => undefined,
  storeIsBack: () => undefined,
  close: () => Promise.resolve(),
};

const directory = {} as Directory;

function integrationWith(settings: Partial<IntegrationSettings>): OpenIntegration {
  const exchange = readyExchange('client_credentials');
  const configuration = { integration: 'shop', scheme: 's', exchange, inputs: {} } as TokenConfiguration;
  const credentials = { kind: 'token', exchange, inputs: {}, missing: [], presentsRefreshToken: false } as const;
  return {
    record: { name: 'shop' },
    content: { settings },
    credentials: new Map([['s', credentials]]),
    tokenConfiguration: () => configuration,
  } as unknown as OpenIntegration;
}

interface CallOptions {
  readonly method?: string;
  readonly replayable?: boolean;
  readonly settings?: Partial<IntegrationSettings>;
  readonly signal?: AbortSignal;
}

async function call(options: CallOptions = {}): Promise<Delivery> {
  const { method = 'GET', replayable = true, settings = {}, signal } = options;
  const integration = integrationWith(settings);
  const schemes = ['s'];
  const credentials = await credentialsFor({ manager, directory, logger: SILENT }, integration, schemes);
  const request = { method, url: 'https://api.test/x', headers: {}, replayable };
  const server = { url: 'https://api.test', destination: {} as never };
  return await sendRequest({ integration, schemes, server, request, credentials }, signal);
}

const statuses = ({ sendings }: Delivery): readonly number[] => sendings.map(({ status }) => status);

beforeEach(() => {
  clock = createVirtualClock();
  requests = [];
  delayed = Promise.resolve(undefined);
  told = [];
  reported = [];
  good = new Set();
  answerTo = (sentToken) => ({ status: good.has(sentToken) ? 200 : 401 });
  renew = () => {
    throw new Error('nothing was to be renewed');
  };
  const limits = { connectMs: 1, totalMs: 1, maxResponseBytes: 1 };
  sendRequest = createRequestSender({ manager, directory, http, clock, logger: SILENT }, limits);
});

describe('a refused token', () => {
  test('is reported with its status, and the request goes once more with the one that takes its place', async () => {
    inForce = token('t1');
    renew = () => token('t2', { contested: true });
    good.add('t2');
    const delivery = await call();
    expect(delivery).toMatchObject({
      because: 'not_refused',
      response: { status: 200 },
      sendings: [
        { status: 401, tokens: [{ scheme: 's', version: 1 }] },
        { status: 200, tokens: [{ scheme: 's', version: 2 }] },
      ],
    });
    expect({ requests, reported, told }).toEqual({
      requests: ['t1 at 0', 't2 at 0'],
      reported: [{ id: 't1', status: 401 }],
      told: ['t2 accepted'],
    });
  });

  test('test 38: whose successor is refused too is the end: two sendings, the last answer stands', async () => {
    inForce = token('t1');
    renew = () => fresh('t2', { contested: true });
    expect(await call()).toMatchObject({ because: 'refused_again', tokens: [{ token: { id: 't2' } }] });
    expect({ requests, reported, told }).toEqual({
      requests: ['t1 at 0', 't2 at 0'],
      reported: [{ id: 't1', status: 401 }],
      told: [],
    });
  });

  test('with no other one to be had: its answer stands, with the reason', async () => {
    inForce = token('t1');
    const obstacle = new EverbearerError('token_blocked', 'The password is wrong.');
    renew = () => {
      throw obstacle;
    };
    const delivery = await call();
    expect(delivery).toMatchObject({ because: 'no_other_token', response: { status: 401 }, obstacle });
    expect(requests).toHaveLength(1);
  });

  test('that comes back as it was is not sent again', async () => {
    inForce = token('t1');
    renew = () => inForce;
    expect(await call()).toMatchObject({ because: 'no_other_token' });
    expect(requests).toHaveLength(1);
  });

  test('that fails in a way of no name fails the call', async () => {
    inForce = token('t1');
    renew = () => {
      throw new TypeError('a bug');
    };
    await expect(call()).rejects.toThrow('a bug');
  });

  test.each<readonly [string, CallOptions, number, Delivery['because']]>([
    ['GET', { method: 'GET', settings: { resendWrites: false } }, 2, 'not_refused'],
    ['PUT', { method: 'PUT', settings: { resendWrites: false } }, 2, 'not_refused'],
    ['POST', { method: 'POST' }, 2, 'not_refused'],
    ['POST with resendWrites: false', { method: 'POST', settings: { resendWrites: false } }, 1, 'not_resent'],
    ['PATCH with resendWrites: false', { method: 'PATCH', settings: { resendWrites: false } }, 1, 'not_resent'],
    ['PATCH with resendWrites: true', { method: 'PATCH', settings: { resendWrites: true } }, 2, 'not_refused'],
  ])('test 38: %s', async (_what, options, sendings, because) => {
    inForce = token('t1');
    renew = () => token('t2');
    good.add('t2');
    const delivery = await call(options);
    expect({ because: delivery.because, sendings: requests.length }).toEqual({ because, sendings });
    expect(inForce.id).toBe('t2');
  });

  test('test 38: a body that streams is not sent twice, but its token is renewed', async () => {
    inForce = token('t1');
    renew = () => token('t2');
    good.add('t2');
    expect(await call({ replayable: false })).toMatchObject({ because: 'not_resent', response: { status: 401 } });
    expect({ requests: requests.length, inForce: inForce.id }).toEqual({ requests: 1, inForce: 't2' });
  });

  test('a sign of the integration: refused with 200', async () => {
    inForce = token('t1');
    renew = () => token('t2');
    const body = new TextEncoder().encode('session expired');
    answerTo = (sentToken) => ({ status: 200, ...(sentToken === 't1' ? { body } : {}) });
    expect(statuses(await call({ settings: { expirySigns: [{ contains: 'expired' }] } }))).toEqual([200, 200]);
    expect(reported).toEqual([{ id: 't1', status: 200 }]);
  });
});

describe('a token that this process has just obtained (F45)', () => {
  test('is tried again after two seconds, and taken', async () => {
    inForce = fresh('t1');
    const delivery = call();
    await clock.advance(1_999);
    expect(requests).toEqual(['t1 at 0']);
    good.add('t1');
    await clock.advance(1);
    expect(statuses(await delivery)).toEqual([401, 200]);
    expect({ requests, reported }).toEqual({ requests: ['t1 at 0', 't1 at 2000'], reported: [] });
  });

  test('refused again it is reported: three sendings', async () => {
    inForce = fresh('t1');
    renew = () => token('t2');
    good.add('t2');
    const delivery = call();
    await clock.advance(2_000);
    expect(statuses(await delivery)).toEqual([401, 401, 200]);
    expect(requests).toEqual(['t1 at 0', 't1 at 2000', 't2 at 2000']);
  });

  test('that was tried twice is not tried twice again by the next call', async () => {
    inForce = fresh('t1');
    renew = () => {
      throw new EverbearerError('token_unavailable', 'not now');
    };
    const first = call();
    await clock.advance(2_000);
    await first;
    await call();
    expect(requests).toEqual(['t1 at 0', 't1 at 2000', 't1 at 2000']);
  });

  test('that the API took once is renewed at once: it was revoked, its age is not the reason', async () => {
    inForce = fresh('t1');
    renew = () => token('t2');
    good = new Set(['t1', 't2']);
    await call();
    good.delete('t1');
    expect(statuses(await call())).toEqual([401, 200]);
    expect(clock.monotonic()).toBe(0);
  });

  test('that was replaced meanwhile is not waited for', async () => {
    inForce = fresh('t1');
    good.add('t2');
    answerTo = (sentToken) => {
      inForce = token('t2');
      return { status: good.has(sentToken) ? 200 : 401 };
    };
    expect(statuses(await call())).toEqual([401, 200]);
    expect({ reported, at: clock.monotonic() }).toEqual({ reported: [], at: 0 });
  });

  test('a caller who gives up does not wait on', async () => {
    inForce = fresh('t1');
    const caller = new AbortController();
    const delivery = call({ signal: caller.signal });
    await clock.advance(100);
    caller.abort(new Error('enough'));
    await expect(delivery).rejects.toThrow('enough');
  });

  test('a request that is not sent twice does not wait either', async () => {
    inForce = fresh('t1');
    renew = () => token('t2');
    expect(await call({ method: 'POST', settings: { resendWrites: false } })).toMatchObject({ because: 'not_resent' });
    expect(requests).toEqual(['t1 at 0']);
  });
});

describe('what the manager is told', () => {
  const adopt = (given: Partial<HeldToken>, refused: Partial<HeldToken> = {}): void => {
    inForce = token('t1', refused);
    good = new Set(['t2']);
    answerTo = (sentToken) => {
      inForce = token('t2', given);
      return { status: good.has(sentToken) ? 200 : 401 };
    };
  };

  test('test 32: that a renewal ended a token before its time, once its successor was taken', async () => {
    adopt({});
    await call();
    expect(told).toEqual(['t2 revoked-by-renewal']);
  });

  test.each<readonly [string, () => void, readonly string[]]>([
    ['nothing where the token had expired', () => adopt({}, { expiresAt: clock.now() }), []],
    ['nothing where nobody knows its end', () => adopt({}, { expiresAt: null }), []],
    ['nothing of a successor by hand', () => adopt({ obtainedBy: 'manual' }), []],
    ['that a contested successor was taken', () => adopt({ contested: true }), ['t2 accepted']],
  ])('%s', async (_what, arrange, expected) => {
    arrange();
    await call();
    expect(told).toEqual(expected);
  });

  test('nothing of a successor that is refused as well', async () => {
    adopt({});
    good.clear();
    expect(await call()).toMatchObject({ because: 'refused_again' });
    expect(told).toEqual([]);
  });

  test('once, by the first call whose token was refused: later ones may find the traces gone', async () => {
    inForce = token('t1');
    renew = () => token('t2', { contested: true });
    good.add('t2');
    const late = Promise.withResolvers<undefined>();
    delayed = late.promise;
    const slow = call();
    await expect.poll(() => requests).toEqual(['t1 at 0']);
    delayed = Promise.resolve(undefined);
    await call();
    inForce = token('t2');
    late.resolve(undefined);
    await slow;
    expect(requests).toEqual(['t1 at 0', 't1 at 0', 't2 at 0', 't2 at 0']);
    expect(told).toEqual(['t2 accepted']);
  });

  test.each([204, 302, 403, 404, 500])('whether a contested token was taken, by a status of %i', async (status) => {
    inForce = token('t1', { contested: true });
    answerTo = () => ({ status });
    await call();
    expect(told).toEqual(status === 204 ? ['t1 accepted'] : []);
  });
});
