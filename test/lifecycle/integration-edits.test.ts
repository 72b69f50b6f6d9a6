/** A person edits the integration while a refresh is in flight: what was obtained with an older account or secret is not stored (M1). */
import { afterEach, describe, expect, test } from 'vitest';
import { DEFAULT_CLIENT, DEFAULT_USER, type UserAccount } from '../../src/demo/provider-behaviour.ts';
import bookshop from '../../src/demo/bookshop.json' with { type: 'json' };
import { INTEGRATION, STORES } from '../product/product-under-test.ts';
import { HOUR, startSharedToken, type SharedToken } from './support/shared-token.ts';

const OTHER = { username: 'other-user', password: 'other-password' };

describe.each(STORES)('on $name', ({ name, skip }) => {
  let token: SharedToken;

  afterEach(async () => {
    await token.dispose();
  });

  const users = (): readonly (string | undefined)[] => token.provider.log().map(({ username }) => username);

  const signingIn = (user: UserAccount): Readonly<Record<string, string>> => {
    const { tokenUrl: url } = token.provider;
    return { flow: 'password', ...DEFAULT_CLIENT, ...user, token_url: url, refresh_url: url };
  };

  /** A second scheme of the same kind, with a token of its own. */
  const addSecondScheme = async (): Promise<void> => {
    const { securitySchemes } = bookshop.components;
    const components = { ...bookshop.components, securitySchemes: { ...securitySchemes, stock: securitySchemes.shop } };
    const bytes = new TextEncoder().encode(JSON.stringify({ ...bookshop, components }));
    await token.person.models.import({ name: 'bookshop.json', bytes }, { replace: true });
    await token.person.integrations.set(INTEGRATION, { authentication: { stock: signingIn(DEFAULT_USER) } });
  };

  test.skipIf(skip)(
    'test 85: the client secret, the refresh token being the sole credential: its successor is kept',
    async () => {
      token = await startSharedToken(name);
      const { provider, person } = token;
      await addSecondScheme();
      const holder = await token.worker();
      await holder.get();
      await holder.get('stock');
      await token.forgetPassword();
      const untouched = await token.record('stock');
      const { call } = await token.callInFlight(holder);
      provider.setClient(DEFAULT_CLIENT.client_id, 'new-secret');
      await person.integrations.set(INTEGRATION, { authentication: { shop: { client_secret: 'new-secret' } } });
      const landed = holder.freezeAt('save:after');
      provider.release();
      await landed.reached;
      expect(await token.stored()).toEqual({ refresh_token: token.request(3).refresh_token });
      landed.thaw();
      await call;
      expect(token.requests().slice(2)).toEqual(['refresh_token issued', 'refresh_token issued']);
      expect(token.request(4).presented).toBe(token.request(3).refresh_token);
      expect(provider.counters()).toMatchObject({ wrongCredentials: 0, replays: 0 });
      const { at, rt, ver } = await token.record('stock');
      expect({ at, rt, ver }).toEqual({ at: untouched.at, rt: untouched.rt, ver: untouched.ver });
    },
  );

  test.skipIf(skip)(
    'test 64: removed and made again with another account: nothing of the old one appears',
    async () => {
      token = await startSharedToken(name);
      const { product, provider, person } = token;
      const [holder, other] = [await token.worker(), await token.worker()];
      await holder.get();
      product.advance(HOUR);
      const { call } = await token.callInFlight(holder);
      const { model, server } = await person.integrations.get(INTEGRATION);
      await person.integrations.remove(INTEGRATION);
      provider.setUser(OTHER.username, OTHER.password);
      const shop = signingIn(OTHER);
      await person.integrations.create({ name: INTEGRATION, model, server, authentication: { shop } });
      const inForce = await other.get();
      provider.release();
      expect(await call).toBe(inForce);
      expect(users()).toEqual([DEFAULT_USER.username, undefined, OTHER.username]);
      const { access_token, refresh_token } = token.request(3);
      expect(await token.stored()).toEqual({ access_token, refresh_token });
      product.advance(HOUR);
      await holder.get();
      expect(token.request(4).presented).toBe(refresh_token);
      expect(provider.counters().replays).toBe(0);
    },
  );

  test.skipIf(skip)('test 64: removed and not made again: the call fails, and nothing is stored', async () => {
    token = await startSharedToken(name);
    const { product, provider, person, database } = token;
    const holder = await token.worker();
    await holder.get();
    product.advance(HOUR);
    const { integration_id: id } = await token.record();
    const { call } = await token.callInFlight(holder);
    await person.integrations.remove(INTEGRATION);
    provider.release();
    await expect(call).rejects.toMatchObject({ code: 'not_found' });
    expect((await database.store.tokens.list(id)).records.size).toBe(0);
  });

  test.skipIf(skip)(
    'test 40: the account, while a refresh is in flight: nothing of the old one is stored',
    async () => {
      token = await startSharedToken(name);
      const { product, provider, person } = token;
      const [holder, other] = [await token.worker(), await token.worker()];
      await holder.get();
      product.advance(HOUR);
      const { call } = await token.callInFlight(holder);
      provider.setUser(OTHER.username, OTHER.password);
      await person.integrations.set(INTEGRATION, { authentication: { shop: OTHER } });
      expect(await token.stored()).toEqual({});
      // The holder of the old account keeps nobody waiting.
      expect((await token.record()).lease).toBeUndefined();
      const inForce = await other.get();
      provider.release();
      expect(await call).toBe(inForce);
      expect(users()).toEqual([DEFAULT_USER.username, undefined, OTHER.username]);
      const { access_token, refresh_token } = token.request(3);
      expect(await token.stored()).toEqual({ access_token, refresh_token });
    },
  );

  test.skipIf(skip)('test 40: the account, while a first token is on its way: it is not stored', async () => {
    token = await startSharedToken(name);
    const { provider, person } = token;
    const holder = await token.worker();
    const { call } = await token.callInFlight(holder);
    provider.setUser(OTHER.username, OTHER.password);
    await person.integrations.set(INTEGRATION, { authentication: { shop: OTHER } });
    const dropped = holder.freezeAt('release:after');
    provider.release();
    await dropped.reached;
    expect(await token.stored()).toEqual({});
    dropped.thaw();
    await call;
    expect(users()).toEqual([DEFAULT_USER.username, OTHER.username]);
  });

  test.skipIf(skip)('test 40: the password, while a first token is on its way: it is not stored', async () => {
    token = await startSharedToken(name);
    const { provider, person } = token;
    const holder = await token.worker();
    const { call } = await token.callInFlight(holder);
    provider.setUser(DEFAULT_USER.username, 'new-password');
    await person.integrations.set(INTEGRATION, { authentication: { shop: { password: 'new-password' } } });
    const dropped = holder.freezeAt('release:after');
    provider.release();
    await dropped.reached;
    expect(await token.stored()).toEqual({});
    dropped.thaw();
    await call;
    expect(token.requests()).toEqual(['password issued', 'password issued']);
    expect(provider.counters().wrongCredentials).toBe(0);
  });

  test.skipIf(skip)(
    'test 40: the password, while a refresh is in flight: the account goes on with its successor',
    async () => {
      token = await startSharedToken(name);
      const { product, provider, person } = token;
      const holder = await token.worker();
      await holder.get();
      product.advance(HOUR);
      const { call } = await token.callInFlight(holder);
      await person.integrations.set(INTEGRATION, { authentication: { shop: { password: 'new-password' } } });
      const landed = holder.freezeAt('save:after');
      provider.release();
      await landed.reached;
      expect(await token.stored()).toEqual({ refresh_token: token.request(2).refresh_token });
      landed.thaw();
      await call;
      expect(token.request(3).presented).toBe(token.request(2).refresh_token);
      expect(provider.counters().replays).toBe(0);
    },
  );

  test.skipIf(skip)('test 63: whoever read before an edit does not acquire after it, whatever was edited', async () => {
    token = await startSharedToken(name);
    const { product, provider, person } = token;
    const worker = await token.worker();
    await worker.get();
    product.advance(HOUR);
    const [before, after] = [worker.freezeAt('acquire:before'), worker.freezeAt('acquire:after')];
    const call = worker.get();
    await before.reached;
    await person.integrations.set(INTEGRATION, { server: { url: `${provider.apiUrl}/elsewhere` } });
    before.thaw();
    await after.reached;
    expect(await token.record()).toMatchObject({ rev: 2, epoch: 1 });
    after.thaw();
    await call;
    expect(token.requests()).toEqual(['password issued', 'refresh_token issued']);
  });
});
