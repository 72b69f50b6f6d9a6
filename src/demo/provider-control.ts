/** How a provider is steered and questioned: the same in process, and by JSON over HTTP for whoever runs in another one. */
import { isObject } from '../kernel/json.ts';
import type { Json } from '../kernel/json.ts';
import { jsonAnswer } from './answer.ts';
import type { Answer } from './answer.ts';
import { parseFault } from './fault.ts';
import type { Fault } from './fault.ts';
import { DEFAULT_BEHAVIOUR } from './provider-behaviour.ts';
import type { ProviderBehaviour } from './provider-behaviour.ts';
import type { ProviderCounters, TokenRequestEntry } from './request-log.ts';

export interface ProviderControl {
  /** Faults to come, after those already scripted. */
  script(...faults: readonly Fault[]): void;
  /** Forgets faults to come and lets go of what is held. */
  clearScript(): void;
  /** Changes what is named and leaves the rest. */
  configure(changes: Partial<ProviderBehaviour>): void;
  /** Moves the provider's clock: tokens age, real time passes as before. Milliseconds. */
  advance(ms: number): void;
  /** Lets go of every request held by `hold`. */
  release(): void;
  /** Makes or changes the account, and unlocks it. */
  setUser(username: string, password: string): void;
  setClient(clientId: string, secret: string): void;
  /** Ends one token (RFC 7009), or every access token that is good now. @returns how many */
  revoke(token?: string): number;
  counters(): ProviderCounters;
  /** How many requests `hold` holds now. */
  held(): number;
  /** Token requests and log-ins, oldest first. */
  log(): readonly TokenRequestEntry[];
  /** Fingerprints of the tokens that were revoked or logged out by whoever held them, in that order. */
  ended(): readonly string[];
  /** Zeroes counters, log and what was ended. */
  resetCounters(): void;
}

type Command = (control: ProviderControl, content: unknown) => Json | undefined;

/** By method and path below `/-/admin`. `undefined` of a command: its content is not what it should be. */
const COMMANDS: Readonly<Record<string, Command>> = {
  'GET /counters': (control) => toJson({ ...control.counters(), held: control.held() }),
  'DELETE /counters': (control) => done(() => control.resetCounters()),
  'GET /log': (control) => toJson(control.log()),
  'GET /ended': (control) => [...control.ended()],
  'POST /faults': (control, content) => {
    const faults = (Array.isArray(content) ? content : [content]).map(parseFault);
    const known = faults.filter((fault) => fault !== undefined);
    return known.length < faults.length ? undefined : done(() => control.script(...known));
  },
  'DELETE /faults': (control) => done(() => control.clearScript()),
  'PATCH /behaviour': (control, content) => (isBehaviour(content) ? done(() => control.configure(content)) : undefined),
  'POST /clock': (control, content) => {
    const ms = field(content, 'advanceMs');
    return typeof ms === 'number' ? done(() => control.advance(ms)) : undefined;
  },
  'POST /release': (control) => done(() => control.release()),
  'PUT /user': (control, content) => {
    const [username, password] = [field(content, 'username'), field(content, 'password')];
    if (typeof username !== 'string' || typeof password !== 'string') return undefined;
    return done(() => control.setUser(username, password));
  },
  'PUT /client': (control, content) => {
    const [id, secret] = [field(content, 'client_id'), field(content, 'client_secret')];
    if (typeof id !== 'string' || typeof secret !== 'string') return undefined;
    return done(() => control.setClient(id, secret));
  },
  'POST /revoke': (control, content) => {
    const token = field(content, 'token');
    return { revoked: control.revoke(typeof token === 'string' ? token : undefined) };
  },
};

/** @param path below `/-/admin`; @param body JSON text, or empty */
export function answerCommand(control: ProviderControl, method: string, path: string, body: string): Answer {
  const name = `${method} ${path}`;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return jsonAnswer(404, { error: 'not_found', commands: Object.keys(COMMANDS) });
  const result = command(control, parseJson(body));
  return result === undefined ? jsonAnswer(400, { error: 'bad_request' }) : jsonAnswer(200, result);
}

function done(effect: () => void): Json {
  effect();
  return { ok: true };
}

function isBehaviour(content: unknown): content is Partial<ProviderBehaviour> {
  return isObject(content) && Object.keys(content).every((name) => Object.hasOwn(DEFAULT_BEHAVIOUR, name));
}

function field(content: unknown, name: string): unknown {
  return isObject(content) && Object.hasOwn(content, name) ? content[name] : undefined;
}

function parseJson(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Counters and log are plain data. */
function toJson(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
