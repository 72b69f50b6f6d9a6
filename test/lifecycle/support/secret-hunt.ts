/** Secrets that a test knows, and everything in which none of them may be found. */
import { inspect } from 'node:util';
import { createHttpClient } from '../../../src/io/http-client.ts';
import type { HttpClient } from '../../../src/kernel/http-client.ts';
import type { Logger } from '../../../src/kernel/logger.ts';

export interface SecretHunt {
  /** A secret to look for. @returns the value */
  secret(name: string, value: string): string;
  /** Finds out what the provider gives: each of its tokens is a secret too. */
  readonly http: HttpClient;
  /** Keeps what it is told, before anything is taken out of it. */
  readonly logger: Logger;
  /** Something that a person, a log or a workflow may see. @returns the value */
  tell<T>(where: string, value: T): T;
  /** Where a secret was told, and which. */
  hits(): readonly string[];
  /** Which secrets a text holds. */
  hitsIn(where: string, text: string): readonly string[];
  /** How many secrets are known. */
  count(): number;
}

const GIVEN = ['access_token', 'refresh_token', 'session'] as const;

export function createSecretHunt(): SecretHunt {
  const secrets = new Map<string, string>();
  const told: { readonly where: string; readonly text: string }[] = [];
  const http = createHttpClient();

  const tell = <T>(where: string, value: T): T => {
    // As programs see it and as people do who print it, causes and all.
    told.push(
      { where, text: JSON.stringify([value]) },
      { where, text: inspect(value, { depth: 20, showHidden: true }) },
    );
    return value;
  };
  const hitsIn = (where: string, text: string): readonly string[] =>
    [...secrets]
      .filter(([secret]) => spellingsOf(secret).some((spelling) => text.includes(spelling)))
      .map(([, name]) => `${name} in ${where}`);
  const log =
    (level: string) =>
    (fields: object, message: string): void => {
      tell(`log (${level})`, { fields, message });
    };

  return {
    secret(name, value) {
      secrets.set(value, name);
      return value;
    },
    http: {
      async request(request) {
        const response = await http.request(request);
        for (const [name, value] of given(response.body)) secrets.set(value, `${name} of the provider`);
        return response;
      },
      close: async () => await http.close(),
    },
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    tell,
    hits: () => told.flatMap(({ where, text }) => hitsIn(where, text)),
    hitsIn,
    count: () => secrets.size,
  };
}

function spellingsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [secret, encodeURIComponent(secret), bytes.toString('base64').slice(0, -4), bytes.toString('hex')];
}

function given(body: Uint8Array): readonly (readonly [name: string, value: string])[] {
  try {
    const fields = JSON.parse(Buffer.from(body).toString()) as Readonly<Record<string, unknown>>;
    return GIVEN.flatMap((name) => {
      const value = fields[name];
      return typeof value === 'string' && value.length > 10 ? [[name, value] as const] : [];
    });
  } catch {
    return [];
  }
}
