/** The model check of the token protocol: see README.md. `MODEL=deep` gives each configuration more faults, edits and workers. */
import { describe, expect, test } from 'vitest';
import { CONFIGURATIONS } from './configurations.ts';
import { counterExampleText, explore } from './explore.ts';
import { PROTOCOL } from './protocol.ts';

const IS_DEEP = process.env['MODEL'] === 'deep';
const ROOM_MS = IS_DEEP ? 3_600_000 : 120_000;

/** What must happen somewhere, as the counter-examples would name it. */
const EVENTS: readonly (readonly [what: string, event: RegExp])[] = [
  ['a record is made', /inserts the record$/],
  ['a record is brought up by a worker', /brings the record up/],
  ['a token expires', /access token expires/],
  ['a crash before the acquire', /dies at acquire/],
  ['a crash with a request in flight', /dies at send \(sent\)/],
  ['a crash with an answer that is not saved', /dies at save/],
  ['a stall past the start check', /stalls between start check and refresh request/],
  ['a stall past the lease with a request in flight', /stalls at send past its lease/],
  ['a stall past the lease before the save', /stalls at save past its lease/],
  ['the reply of an acquire is lost', /acquire, the reply is lost/],
  ['the reply of an extend is lost', /extend.*, the reply is lost/],
  ['the reply of a save is lost', /save, the reply is lost/],
  ['an acquire that was given up is made late', /the acquire that was given up is made/],
  ['a save that was given up is made late', /the save that was given up is made/],
  ['an answer is lost after the rotation', /refresh request: granted, the answer is lost/],
  ['429', /: 429/],
  ['5xx', /: 503/],
  ['nobody answers', /: unreachable/],
  ['a request is held up before its first byte', /is held up before/],
  ['a wrong password is refused', /the credentials are refused/],
  ['a wrong password is not answered', /no answer to the wrong credentials/],
  ['a wrong client secret is refused', /the client is refused/],
  ['a refresh token is refused', /the refresh token is refused/],
  ['a spent refresh token is refused', /was used before: refused/],
  ['a good refresh token is refused', /has revoked the refresh token/],
  ['a refresh token comes alone', /only a refresh token of use/],
  ['a refresh token in doubt is presented again', /extend, to present the token in doubt/],
  ['a store outage', /save, which does not reach the store/],
  ['a save is spooled', /spools its save/],
  ['a spooled save is replayed', /spooled save is replayed/],
  ['a process ends with what it has spooled', /is closed while its save is spooled/],
  ['a dropped token is ended', /ends its token/],
  ['a replaced token is ended', /ends what it has replaced/],
  ...['account', 'secret', 'same-secret', 'server', 'access-token', 'times', 'refresh-token', 'clear', 'removal'].map(
    (edit) => [`an edit: ${edit}`, new RegExp(`a person's edit: ${edit}$`)] as const,
  ),
  ['the integration is made again', /\(made again\)/],
  ['an editor dies between its writes', /the editor dies/],
  ['a person asks for another token', /is told to renew/],
];

describe('every interleaving holds G1 to G4, G6, M10 and liveness', () => {
  const happened = new Set<string>();

  test.for(Object.entries(CONFIGURATIONS))(
    'test 48: %s',
    { timeout: ROOM_MS },
    async ([, { settings, deeper }], { annotate }) => {
      const { counterExample, states, transitions, events } = explore(
        PROTOCOL,
        IS_DEEP ? { ...settings, ...deeper } : settings,
      );
      await annotate(`${states} states, ${transitions} transitions, all of them`);
      for (const event of events) happened.add(event);
      expect(counterExample && counterExampleText(counterExample)).toBeUndefined();
      expect(states).toBeGreaterThan(1_000);
    },
  );

  test.each(EVENTS)('test 48: explored: %s', (_what, event) => {
    expect([...happened].some((text) => event.test(text))).toBe(true);
  });
});
