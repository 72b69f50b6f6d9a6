/** The bounded configurations that together cover the protocol. */
import type { Settings } from './world.ts';

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

export const CONFIGURATIONS: Readonly<Record<string, Settings>> = {
  'a refresh token and other credentials: faults': {
    ...PASSWORD,
    guarded: false,
    faults: ['crash', 'stall', 'lost-reply', 'lost-answer', '5xx'],
    mishaps: ['429', 'slow'],
    budget: { ...NOTHING, faults: 2, expiries: 1 },
  },
  'a sole refresh token, strict: faults': {
    ...SOLE,
    faults: ['crash', 'stall', 'lost-reply', 'lost-answer', '5xx'],
    mishaps: ['429', 'slow'],
    budget: { ...NOTHING, faults: 2, expiries: 1 },
  },
  'a sole refresh token, grace window: faults': {
    ...SOLE,
    rotation: 'grace',
    faults: ['crash', 'stall', 'lost-reply', 'lost-answer', 'refresh-token-only'],
    budget: { ...NOTHING, faults: 2, expiries: 1 },
  },
  'a refresh token that does not rotate: faults': {
    ...PASSWORD,
    guarded: false,
    rotation: 'none',
    primaryBringsRefreshToken: false,
    faults: ['crash', 'stall', 'lost-reply', 'lost-answer', '5xx'],
    mishaps: ['429'],
    budget: { ...NOTHING, faults: 2, expiries: 1 },
  },
  'a sole refresh token: outage and spool': {
    ...SOLE,
    faults: ['outage', 'crash', 'stall'],
    spools: true,
    budget: { ...NOTHING, faults: 3, expiries: 1 },
  },
  'a wrong password that has never worked': {
    ...PASSWORD,
    hasWorked: false,
    start: 'empty',
    wrongSecrets: [0],
    faults: ['crash', 'stall', 'outage', 'lost-reply'],
    mishaps: ['silence', 'slow', '429', 'unreachable'],
    budget: { ...NOTHING, faults: 2, commands: 1 },
  },
  'a password that has never worked': {
    ...PASSWORD,
    hasWorked: false,
    start: 'empty',
    faults: ['crash', 'stall', 'outage', 'lost-answer'],
    mishaps: ['slow', '429', 'unreachable'],
    budget: { ...NOTHING, faults: 2 },
  },
  'a wrong password beside a refresh token': {
    ...PASSWORD,
    wrongSecrets: [0],
    faults: ['crash', 'stall', 'lost-answer', '5xx', 'revocation'],
    mishaps: ['silence', '429'],
    budget: { ...NOTHING, faults: 2, expiries: 1, quarters: 1 },
  },
  'two tokens of one wrong password': {
    ...PASSWORD,
    records: 2,
    hasWorked: false,
    start: 'empty',
    wrongSecrets: [0],
    faults: ['crash', 'stall', 'lost-reply'],
    mishaps: ['silence', 'slow'],
    budget: { ...NOTHING, faults: 2, commands: 1 },
  },
  'no record yet, and edits': {
    ...PASSWORD,
    guarded: false,
    start: 'no-record',
    edits: ['account', 'secret'],
    faults: ['crash'],
    budget: { ...NOTHING, faults: 1, edits: 1 },
  },
  'edits of account and secret': {
    ...PASSWORD,
    guarded: false,
    edits: ['account', 'secret', 'server'],
    faults: ['editor-crash', 'lost-reply'],
    budget: { ...NOTHING, faults: 1, edits: 2 },
  },
  'edits of a client secret beside a sole refresh token': {
    ...SOLE,
    secret: 'client_secret',
    edits: ['secret'],
    faults: ['crash', 'lost-reply', 'stall'],
    budget: { ...NOTHING, faults: 1, edits: 1, expiries: 1 },
  },
  'edits of a wrong password': {
    ...PASSWORD,
    hasWorked: false,
    start: 'empty',
    wrongSecrets: [0],
    edits: ['secret', 'same-secret'],
    faults: ['crash', 'stall'],
    mishaps: ['silence'],
    budget: { ...NOTHING, faults: 1, edits: 2 },
  },
  'tokens by hand, a sole refresh token': {
    ...SOLE,
    edits: ['access-token', 'times', 'refresh-token', 'clear'],
    faults: ['lost-reply', 'crash', 'stall'],
    budget: { ...NOTHING, faults: 1, edits: 2, expiries: 1 },
  },
  'tokens by hand, a login whose sessions are ended': {
    ...LOGIN,
    edits: ['access-token', 'times', 'clear'],
    faults: ['lost-reply', 'stall', 'crash', 'outage'],
    budget: { ...NOTHING, faults: 2, edits: 1, expiries: 1 },
  },
  removal: {
    ...PASSWORD,
    guarded: false,
    start: 'no-record',
    edits: ['removal'],
    faults: ['crash', 'stall'],
    budget: { ...NOTHING, faults: 1, edits: 2 },
  },
  'commands beside a refused refresh token': {
    ...SOLE,
    edits: ['refresh-token'],
    faults: ['revocation', 'lost-answer', 'stall'],
    mishaps: ['429'],
    budget: { ...NOTHING, faults: 2, edits: 1, commands: 2 },
  },
  'three workers, a refresh token and other credentials': {
    ...PASSWORD,
    workers: 3,
    guarded: false,
    faults: ['crash', 'stall', 'lost-answer'],
    budget: { ...NOTHING, faults: 1 },
  },
  'three workers, a sole refresh token': {
    ...SOLE,
    workers: 3,
    faults: ['crash', 'stall', 'lost-answer'],
    budget: { ...NOTHING, faults: 1 },
  },
};
