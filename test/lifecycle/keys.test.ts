/** Encryption keys that a worker lacks, ciphertexts that do not open, and a rotation of keys under load. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { activateKey, addKey } from '../../src/io/key-file.ts';
import type { Cipher } from '../../src/kernel/cipher.ts';
import type { TokenRecord } from '../../src/token/token-record.ts';
import type { Reseal } from '../../src/token/token-transition.ts';
import { INTEGRATION, STORES } from '../product/product-under-test.ts';
import { openCipher } from './support/product-cipher.ts';
import { HOUR, startSharedToken, type SharedToken, type Worker } from './support/shared-token.ts';

describe.each(STORES)('on $name', ({ name, skip }) => {
  let token: SharedToken;

  afterEach(async () => {
    await token.dispose();
  });

  /** A worker whose key file was left behind when a key was added and put into use. */
  const startWithOneBehind = async (): Promise<{ readonly ahead: Worker; readonly behind: Worker }> => {
    token = await startSharedToken(name);
    const { directory } = token.product;
    const [keyFile, old] = [join(directory, 'keys.json'), join(directory, 'old-keys.json')];
    await copyFile(keyFile, old);
    await addKey(keyFile, true);
    return { ahead: await token.worker({ keyFile }), behind: await token.worker({ keyFile: old }) };
  };

  test.skipIf(skip).each([
    ['lives', 0],
    ['is due for renewal', 0.95 * HOUR],
    ['is in its last seconds', HOUR - 1_000],
    ['has expired', HOUR],
  ])('test 58: the token %s: who lacks its key says so and writes nothing, the others go on', async (_what, age) => {
    const { ahead, behind } = await startWithOneBehind();
    await ahead.get();
    token.product.advance(age);
    const before = await token.record();
    await expect(behind.get()).rejects.toMatchObject({ code: 'key_unknown' });
    await behind.everbearer.close();
    expect(await token.record()).toEqual(before);
    await ahead.get();
    expect(token.provider.counters().refused).toBe(0);
  });

  test.skipIf(skip)(
    'test 44: who lacks the key of a refresh token alone neither presents nor replaces it',
    async () => {
      const { ahead, behind } = await startWithOneBehind();
      await ahead.get();
      await token.person.integrations.set(INTEGRATION, {
        authentication: { shop: { parameters: { audience: 'edited' } } },
      });
      const before = await token.record();
      expect(before.at).toEqual({ id: expect.any(String) });
      await expect(behind.get()).rejects.toMatchObject({ code: 'key_unknown' });
      expect(await token.record()).toEqual(before);
      await ahead.get();
      expect(token.requests()).toEqual(['password issued', 'refresh_token issued']);
    },
  );

  const spoiled = (sealed: TokenRecord['at']['sealed']): NonNullable<TokenRecord['at']['sealed']> => {
    const { ct, iv, kid } = sealed!;
    return { ct: `${ct.startsWith('A') ? 'B' : 'A'}${ct.slice(1)}`, iv, kid };
  };

  test.skipIf(skip).each<readonly [what: string, spoil: (record: TokenRecord) => TokenRecord]>([
    [
      'a failed tag',
      ({ at, rt, ...record }) => ({
        ...record,
        at: { ...at, sealed: spoiled(at.sealed) },
        rt: { ...rt!, sealed: spoiled(rt!.sealed) },
      }),
    ],
    [
      'swapped ciphertexts',
      ({ at, rt, ...record }) => ({
        ...record,
        at: { ...at, sealed: rt!.sealed },
        rt: { ...rt!, sealed: at.sealed! },
      }),
    ],
  ])('test 44: %s: as if it were not there, with an alarm, and the bytes kept aside', async (_what, spoil) => {
    token = await startSharedToken(name);
    await (await token.worker()).get();
    const sound = await token.record();
    const record = spoil(sound);
    await token.database.put(record);
    const worker = await token.worker();
    await worker.get();
    expect(token.requests()).toEqual(['password issued', 'password issued']);
    const { aside } = await token.record();
    expect(aside).toEqual({ at: record.at.sealed, rt: record.rt!.sealed });
    const { items } = await token.person.events.list({ integration: INTEGRATION, order: 'oldest' });
    const alarms = items.filter(({ type }) => type === 'token_unreadable');
    expect(alarms.map(({ reason, outcome }) => `${reason} ${outcome}`)).toEqual(['at failed', 'rt failed']);
    expect(JSON.stringify(alarms)).not.toContain(record.at.sealed!.ct);
    token.product.advance(HOUR);
    await worker.get();
    expect(token.request(3).presented).toBe(token.request(2).refresh_token);
  });

  const resealOf = ({ id, at, rt }: TokenRecord, cipher: Cipher): Reseal => {
    const again = (sealed: NonNullable<TokenRecord['at']['sealed']>, part: string): NonNullable<Reseal['at']> => ({
      ifCt: sealed.ct,
      sealed: cipher.seal(cipher.open(sealed, [id, part]), [id, part]),
    });
    return {
      kind: 'reseal',
      ...(at.sealed === undefined ? {} : { at: again(at.sealed, 'access_token') }),
      ...(rt === undefined ? {} : { rt: again(rt.sealed, 'refresh_token') }),
    };
  };

  test.skipIf(skip)('test 57: keys rotated between acquire and save: the save lands', async () => {
    token = await startSharedToken(name);
    const worker = await token.worker();
    await worker.get();
    token.product.advance(HOUR);
    const answered = worker.freezeAt('save:before');
    const call = worker.get();
    await answered.reached;
    const before = await token.record();
    const { applied } = await token.database.store.tokens.apply(before.id, resealOf(before, token.cipher));
    expect(applied).toBe(true);
    answered.thaw();
    await call;
    const { access_token, refresh_token } = token.request(2);
    expect(await token.stored()).toEqual({ access_token, refresh_token });
  });

  test.skipIf(skip)('test 44: keys rotated on a read from before a save: what it brought is left alone', async () => {
    token = await startSharedToken(name);
    const worker = await token.worker();
    await worker.get();
    const late = resealOf(await token.record(), token.cipher);
    token.product.advance(HOUR);
    await worker.get();
    const saved = await token.record();
    expect(await token.database.store.tokens.apply(saved.id, late)).toMatchObject({ applied: false });
    expect(await token.record()).toEqual(saved);
  });

  /** @returns how often */
  const resealUntil = async (over: AbortSignal, by: Cipher): Promise<number> => {
    let times = 0;
    while (!over.aborted) {
      const record = await token.record();
      const { applied } = await token.database.store.tokens.apply(record.id, resealOf(record, by));
      if (applied) times += 1;
      await new Promise(setImmediate);
    }
    return times;
  };

  test.skipIf(skip)('test 44: keys rotated under load: no call fails and no token is lost', async () => {
    token = await startSharedToken(name);
    const { product, provider, database } = token;
    const keyFile = join(product.directory, 'keys.json');
    const added = await addKey(keyFile, false);
    const workers = [await token.worker(), await token.worker(), await token.worker()];
    await activateKey(keyFile, added);
    const newKey = await openCipher(product, database.store);
    await workers[0]!.get();
    let times = 0;
    for (let life = 0; life < 10; life += 1) {
      product.advance(HOUR);
      const over = new AbortController();
      const resealed = resealUntil(over.signal, newKey);
      const calls = await Promise.allSettled(workers.flatMap(({ get }) => [get(), get()]));
      over.abort();
      times += await resealed;
      const [first] = calls;
      expect(calls).toEqual(calls.map(() => ({ status: 'fulfilled', value: expect.any(String) })));
      expect(calls).toEqual(calls.map(() => first));
    }
    const { at, rt } = await token.record();
    expect(rt?.gen).toBe(10);
    expect(times).toBeGreaterThan(10);
    await database.store.tokens.apply((await token.record()).id, resealOf(await token.record(), newKey));
    const resealed = await token.record();
    expect([resealed.at.sealed?.kid, resealed.rt?.sealed.kid]).toEqual([added, added]);
    expect([resealed.at.id, resealed.rt?.fp]).toEqual([at.id, rt?.fp]);
    expect(provider.counters()).toMatchObject({ tokenRequests: 11, refused: 0, replays: 0 });
  });
});
