/** The bounded configurations that together cover the protocol. */
import type { Budget, Settings } from './world.ts';

const NOTHING = { faults: 0, edits: 0, expiries: 0, commands: 0, quarters: 0 };

/** A password behind the guard, and refresh tokens that rotate. */
const PASSWORD: Settings = {
  workers: 2,
  records: 1,
  hasPrimary: true,
  guarded: true,
  hasWorked: true,
  rotation: 'strict',
  primaryBringsRefreshToken: true,
  ends: false,
  wrongSecrets: [],
  secret: 'password',
  start: 'expired',
  faults: [],
  mishaps: [],
  edits: [],
  spools: false,
  budget: NOTHING,
};

/** A refresh token and nothing else. */
const SOLE: Settings = { ...PASSWORD, hasPrimary: false, guarded: false };
/** Client credentials or a login without refresh token, whose sessions are ended. */
const LOGIN: Settings = {
  ...PASSWORD,
  guarded: false,
  rotation: 'none',
  primaryBringsRefreshToken: false,
  ends: true,
  start: 'empty',
};

/** How one configuration is explored in `npm test`, and what is added in `npm run test:model`. */
export interface Configuration {
  readonly settings: Settings;
  readonly deeper?: Partial<Settings>;
}

const budget = (given: Partial<Budget>): Pick<Settings, 'budget'> => ({ budget: { ...NOTHING, ...given } });

export const CONFIGURATIONS: Readonly<Record<string, Configuration>> = {
  'a refresh token and other credentials: crashes, stalls, lost answers': {
    settings: {
      ...PASSWORD,
      guarded: false,
      faults: ['crash', 'stall', 'lost-answer', '5xx'],
      mishaps: ['429'],
      ...budget({ faults: 2, expiries: 1 }),
    },
    deeper: { mishaps: ['429', 'slow', 'unreachable'], ...budget({ faults: 3, expiries: 1 }) },
  },
  'a refresh token and other credentials: lost replies': {
    settings: {
      ...PASSWORD,
      guarded: false,
      faults: ['lost-reply', 'outage', 'stall'],
      mishaps: ['slow'],
      ...budget({ faults: 2 }),
    },
    deeper: budget({ faults: 3, expiries: 1 }),
  },
  'a refresh token and other credentials: late writes': {
    settings: {
      ...PASSWORD,
      guarded: false,
      faults: ['late-write', 'lost-answer'],
      mishaps: ['429'],
      ...budget({ faults: 2 }),
    },
    deeper: { faults: ['late-write', 'lost-answer', 'stall', 'crash'], ...budget({ faults: 2, expiries: 1 }) },
  },
  'a sole refresh token: late writes': {
    settings: { ...SOLE, faults: ['late-write', 'stall'], ...budget({ faults: 2 }) },
    deeper: { faults: ['late-write', 'lost-answer', 'stall', 'crash'], ...budget({ faults: 2, expiries: 1 }) },
  },
  'a sole refresh token: crashes, stalls, lost answers': {
    settings: { ...SOLE, faults: ['crash', 'stall', 'lost-answer', '5xx'], mishaps: ['429'], ...budget({ faults: 2 }) },
    deeper: { mishaps: ['429', 'slow', 'unreachable'], ...budget({ faults: 3, expiries: 1 }) },
  },
  'a sole refresh token: outage and spool': {
    settings: { ...SOLE, faults: ['outage', 'crash', 'stall', 'lost-reply'], spools: true, ...budget({ faults: 2 }) },
    deeper: budget({ faults: 3, expiries: 1 }),
  },
  'a sole refresh token in a grace window': {
    settings: {
      ...SOLE,
      rotation: 'grace',
      faults: ['crash', 'stall', 'lost-answer', 'refresh-token-only'],
      ...budget({ faults: 2 }),
    },
    deeper: budget({ faults: 3, expiries: 1 }),
  },
  'a refresh token that does not rotate': {
    settings: {
      ...PASSWORD,
      guarded: false,
      rotation: 'none',
      primaryBringsRefreshToken: false,
      faults: ['crash', 'stall', 'lost-reply', 'lost-answer'],
      mishaps: ['429', 'unreachable'],
      ...budget({ faults: 2 }),
    },
    deeper: budget({ faults: 3, expiries: 1 }),
  },
  'a wrong password that has never worked': {
    settings: {
      ...PASSWORD,
      hasWorked: false,
      start: 'empty',
      wrongSecrets: [0],
      faults: ['crash'],
      mishaps: ['silence'],
      ...budget({ faults: 3 }),
    },
    deeper: {
      faults: ['crash', 'stall', 'outage', 'lost-reply'],
      mishaps: ['silence', '429', 'slow', 'unreachable'],
      ...budget({ faults: 2, commands: 1 }),
    },
  },
  'a password that has never worked': {
    settings: {
      ...PASSWORD,
      hasWorked: false,
      start: 'empty',
      primaryBringsRefreshToken: false,
      faults: ['crash', 'stall', 'lost-answer'],
      mishaps: ['slow'],
      ...budget({ faults: 2 }),
    },
    deeper: {
      edits: ['same-secret'],
      faults: ['crash', 'stall', 'lost-answer', 'outage', 'lost-reply'],
      mishaps: ['slow', 'unreachable'],
      ...budget({ faults: 2, edits: 1 }),
    },
  },
  'a wrong password beside a refresh token': {
    settings: {
      ...PASSWORD,
      wrongSecrets: [0],
      faults: ['crash', 'lost-answer', 'revocation'],
      ...budget({ faults: 2 }),
    },
    deeper: {
      faults: ['crash', 'stall', 'lost-answer', 'revocation'],
      mishaps: ['silence'],
      ...budget({ faults: 2, quarters: 1 }),
    },
  },
  'two tokens of one wrong password': {
    settings: {
      ...PASSWORD,
      records: 2,
      hasWorked: false,
      start: 'empty',
      wrongSecrets: [0],
      faults: ['crash', 'stall'],
      mishaps: ['silence'],
      ...budget({ faults: 1 }),
    },
    deeper: { faults: ['crash', 'stall', 'lost-reply'], ...budget({ faults: 2 }) },
  },
  'no record yet, and edits': {
    settings: {
      ...PASSWORD,
      guarded: false,
      start: 'no-record',
      edits: ['account', 'secret'],
      faults: ['crash', 'editor-crash'],
      ...budget({ faults: 1, edits: 1 }),
    },
    deeper: { workers: 3, ...budget({ edits: 2 }) },
  },
  'no record yet, and two edits': {
    settings: {
      ...PASSWORD,
      guarded: false,
      start: 'no-record',
      edits: ['account'],
      ...budget({ edits: 2 }),
    },
    deeper: { edits: ['account', 'secret'], faults: ['editor-crash', 'stall'], ...budget({ faults: 1, edits: 2 }) },
  },
  'two edits of account and secret': {
    settings: {
      ...PASSWORD,
      guarded: false,
      edits: ['account', 'secret'],
      ...budget({ edits: 2 }),
    },
    deeper: {
      edits: ['account', 'secret', 'server'],
      faults: ['editor-crash', 'stall'],
      ...budget({ faults: 1, edits: 2 }),
    },
  },
  'an edit of the server beside another': {
    settings: {
      ...PASSWORD,
      guarded: false,
      edits: ['secret', 'server'],
      faults: ['crash'],
      ...budget({ faults: 1, edits: 1 }),
    },
    deeper: { faults: ['editor-crash', 'stall'], ...budget({ faults: 1, edits: 2 }) },
  },
  'an edit of the client secret beside a sole refresh token': {
    settings: {
      ...SOLE,
      secret: 'client_secret',
      edits: ['secret'],
      faults: ['crash', 'lost-reply', 'stall'],
      ...budget({ faults: 1, edits: 1 }),
    },
    deeper: budget({ faults: 1, edits: 2, expiries: 1 }),
  },
  'a wrong client secret beside a sole refresh token': {
    settings: {
      ...SOLE,
      secret: 'client_secret',
      wrongSecrets: [0],
      edits: ['secret'],
      faults: ['crash', 'lost-reply', 'stall'],
      ...budget({ faults: 1, edits: 1 }),
    },
    deeper: { wrongSecrets: [1], ...budget({ faults: 1, edits: 2, expiries: 1 }) },
  },
  'edits of a wrong password': {
    settings: {
      ...PASSWORD,
      hasWorked: false,
      start: 'empty',
      wrongSecrets: [0],
      edits: ['secret', 'same-secret'],
      mishaps: ['silence'],
      ...budget({ edits: 1 }),
    },
    deeper: { faults: ['crash', 'stall'], ...budget({ faults: 1, edits: 2 }) },
  },
  'tokens by hand beside a sole refresh token': {
    settings: {
      ...SOLE,
      edits: ['access-token', 'times', 'refresh-token', 'clear'],
      faults: ['lost-reply', 'crash'],
      ...budget({ faults: 1, edits: 1 }),
    },
    deeper: { faults: ['lost-reply', 'crash', 'stall'], ...budget({ faults: 1, edits: 2, expiries: 1 }) },
  },
  'tokens by hand beside a login whose sessions are ended': {
    settings: {
      ...LOGIN,
      edits: ['access-token', 'times', 'clear'],
      faults: ['lost-reply', 'stall', 'crash', 'outage'],
      ...budget({ faults: 2, edits: 1, expiries: 1 }),
    },
    deeper: budget({ faults: 2, edits: 2, expiries: 2 }),
  },
  'removal, and another integration under the same name': {
    settings: {
      ...PASSWORD,
      guarded: false,
      start: 'no-record',
      edits: ['removal'],
      faults: ['crash', 'stall'],
      ...budget({ faults: 1, edits: 2 }),
    },
    deeper: { faults: ['crash', 'stall', 'lost-reply'], ...budget({ faults: 2, edits: 2 }) },
  },
  'commands beside a refused refresh token': {
    settings: {
      ...SOLE,
      edits: ['refresh-token'],
      faults: ['revocation', 'lost-answer'],
      ...budget({ faults: 1, edits: 1, commands: 1 }),
    },
    deeper: {
      faults: ['revocation', 'lost-answer', 'stall'],
      mishaps: ['429'],
      ...budget({ faults: 2, edits: 1, commands: 2 }),
    },
  },
  'three workers, a refresh token and other credentials': {
    settings: { ...PASSWORD, workers: 3, guarded: false, faults: ['stall', 'lost-answer'], ...budget({ faults: 1 }) },
    deeper: { faults: ['crash', 'stall', 'lost-answer'], ...budget({ faults: 2 }) },
  },
  'three workers, a sole refresh token': {
    settings: { ...SOLE, workers: 3, faults: ['stall', 'lost-answer'], ...budget({ faults: 1 }) },
    deeper: { faults: ['crash', 'stall', 'lost-answer'], ...budget({ faults: 2 }) },
  },
};
