import { randomBytes } from 'node:crypto';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeContent } from '../../src/io/http-client-decoding.ts';
import { failureOf, LIMITS, openClient, requestOf, serveHttp } from './http-client-servers.ts';

const CODERS = {
  gzip: zlib.gzipSync,
  'x-gzip': zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
  zstd: zlib.zstdCompressSync,
} as const;
type Coding = keyof typeof CODERS;

const PLAIN = Buffer.from('{"access_token":"é"}');
const ZEROS = Buffer.alloc(50 * 1024 * 1024);

async function fetchCoded(body: Uint8Array, coding: string): Promise<string> {
  const origin = await serveHttp((_request, response) =>
    response.writeHead(200, { 'content-encoding': coding }).end(body),
  );
  return Buffer.from((await openClient().request(requestOf(origin))).body).toString();
}

async function failCoded(body: Uint8Array, coding: string): Promise<string> {
  const origin = await serveHttp((_request, response) =>
    response.writeHead(200, { 'content-encoding': coding }).end(body),
  );
  const { kind, sent } = await failureOf(openClient().request(requestOf(origin)));
  return `${kind}, ${sent ? 'sent' : 'not sent'}`;
}

describe('a coded body', () => {
  test.each<[header: string, body: Uint8Array]>([
    ['gzip', zlib.gzipSync(PLAIN)],
    ['GZIP', zlib.gzipSync(PLAIN)],
    ['x-gzip', zlib.gzipSync(PLAIN)],
    ['deflate', zlib.deflateSync(PLAIN)],
    ['deflate', zlib.deflateRawSync(PLAIN)],
    ['br', zlib.brotliCompressSync(PLAIN)],
    ['zstd', zlib.zstdCompressSync(PLAIN)],
    ['identity', PLAIN],
    ['', PLAIN],
    ['gzip, br', zlib.brotliCompressSync(zlib.gzipSync(PLAIN))],
    ['identity, gzip , identity', zlib.gzipSync(PLAIN)],
    ['gzip', Buffer.concat([zlib.gzipSync(PLAIN.subarray(0, 5)), zlib.gzipSync(PLAIN.subarray(5))])],
  ])('of %j arrives decoded', async (header, body) => {
    expect(await fetchCoded(body, header)).toBe(PLAIN.toString());
  });

  test.each(Object.keys(CODERS))('that is empty needs no %s', async (coding) => {
    expect(await fetchCoded(new Uint8Array(), coding)).toBe('');
  });

  test.each<[title: string, header: string, body: Uint8Array]>([
    ['an unknown coding', 'compress', PLAIN],
    ['another coding than it says', 'gzip', PLAIN],
    ['a truncated end', 'gzip', zlib.gzipSync(randomBytes(2_000)).subarray(0, 500)],
    ['five codings', 'gzip, gzip, gzip, gzip, gzip', zlib.gzipSync(PLAIN)],
  ])('with %s is a failure', async (_title, header, body) => {
    expect(await failCoded(body, header)).toBe('encoding, sent');
  });

  test.each(Object.keys(CODERS) as Coding[])('that is a bomb of %s goes off at the limit', async (coding) => {
    const bomb = CODERS[coding](ZEROS);
    expect(bomb.byteLength).toBeLessThan(LIMITS.maxResponseBytes);
    expect(await failCoded(bomb, coding)).toBe('too_large, sent');
  });

  test('that is a bomb in a bomb goes off at the limit', async () => {
    expect(await failCoded(zlib.gzipSync(zlib.gzipSync(ZEROS)), 'gzip, gzip')).toBe('too_large, sent');
  });
});

test('whatever was coded, in whatever order, is decoded to the same bytes', async () => {
  const codings = fc.array(fc.constantFrom<Coding>('gzip', 'deflate', 'br', 'zstd', 'x-gzip'), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), codings, async (bytes, order) => {
      const coded = order.reduce<Uint8Array>((body, coding) => CODERS[coding](body), bytes);
      const outcome = await decodeContent(coded, order.join(', '), 1_000);
      expect(outcome).toEqual({ body: expect.anything() });
      expect('body' in outcome && Buffer.compare(outcome.body, bytes)).toBe(0);
    }),
    { numRuns: 60 },
  );
});
