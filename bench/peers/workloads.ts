/** What every contender goes through, in the order of the page. */
import { DEFAULT_USER, type ProviderBehaviour, type UserAccount } from '../../src/demo/provider-behaviour.ts';
import type { Grant } from './contender.ts';
import { LIFETIME_MS, PROCESSES, TASKS, type Stage } from './stage.ts';

export interface Workload {
  readonly title: string;
  /** What happens, for the page. */
  readonly text: string;
  readonly grant: Grant;
  /** What the processes are told of the account. Default: what is right. */
  readonly account?: UserAccount;
  /** Over the provider's own: tokens of an hour, refresh tokens that rotate, and whose family is revoked when a used one comes back. */
  readonly behaviour?: Partial<ProviderBehaviour>;
  /** Whether every process has a token when it begins. Default true. */
  readonly signedIn?: boolean;
  readonly play: (stage: Stage) => Promise<void>;
}

/** More than the lease of a process that is gone (30 s). */
const WHILE_MS = 31_000;
/** Inside every margin that a contender keeps before the end of a token. */
const SHORTLY_BEFORE_MS = 30_000;
const AFTER_MS = 1_000;

export const WORKLOADS: readonly Workload[] = [
  {
    title: 'A token ends that a person signed in for',
    text: `A person has signed in once, and all ${PROCESSES} processes hold what that brought. The token ends; each process runs ${TASKS} tasks at once. One token request is enough.`,
    grant: 'sign-in',
    play: async (stage: Stage): Promise<void> => {
      await stage.advance(LIFETIME_MS + AFTER_MS);
      await stage.runTogether(stage.all(), 'at once');
    },
  },
  {
    title: 'A token ends that client credentials brought',
    text: `The same with the client-credentials grant: nothing can be lost, but the token endpoint may have a limit. One token request is enough.`,
    grant: 'client_credentials',
    play: async (stage: Stage): Promise<void> => {
      await stage.advance(LIFETIME_MS + AFTER_MS);
      await stage.runTogether(stage.all(), 'at once');
    },
  },
  {
    title: 'The answer to a refresh is lost',
    text: `The processes know the password of an account. The token ends; one process refreshes it, the provider rotates the refresh token, and the connection is cut before the answer. It runs ${TASKS} tasks one by one, then the others do. Two token requests are enough: the one whose answer was lost, and one with the password. The used refresh token must not come back.`,
    grant: 'password',
    play: async (stage: Stage): Promise<void> => {
      const [first, ...others] = stage.all();
      await stage.advance(LIFETIME_MS + AFTER_MS);
      stage.provider.script({ name: 'answer-lost' });
      await stage.run(first === undefined ? [] : [first], 'one by one');
      await stage.runTogether(others, 'one by one');
    },
  },
  {
    title: 'The token endpoint is down while the token is valid',
    text: `Client credentials. Half a minute before the token ends the token endpoint answers 503 with \`Retry-After: 10\`; a quarter of a minute later it works again; then the token ends. In each of the three times every process runs ${TASKS} tasks one by one. No task need fail: there is a valid token all the time.`,
    grant: 'client_credentials',
    play: async (stage: Stage): Promise<void> => {
      await stage.advance(LIFETIME_MS - SHORTLY_BEFORE_MS);
      stage.provider.script({ name: 'status', status: 503, retryAfter: 10, times: 'always' });
      await stage.run(stage.all(), 'one by one');
      await stage.quiet();
      stage.provider.clearScript();
      await stage.advance(SHORTLY_BEFORE_MS / 2);
      await stage.runTogether(stage.all(), 'one by one');
      await stage.quiet();
      await stage.advance(SHORTLY_BEFORE_MS / 2 + AFTER_MS);
      await stage.runTogether(stage.all(), 'one by one');
    },
  },
  {
    title: 'A wrong password',
    text: `The password that the processes know is wrong, and the provider locks an account after 3 wrong ones. Each process runs ${TASKS} tasks at once, twice. All must fail; one token request tells why.`,
    grant: 'password',
    account: { ...DEFAULT_USER, password: 'not-the-password' },
    behaviour: { lockOutAfter: 3 },
    signedIn: false,
    play: async (stage: Stage): Promise<void> => {
      await stage.runTogether(stage.all(), 'at once');
      await stage.runTogether(stage.all(), 'at once');
    },
  },
  {
    title: 'A process is killed before it has saved',
    text: `The processes know the password of an account. The token ends; one process refreshes it, the provider rotates the refresh token, and the process is killed (SIGKILL) before it can save the answer. ${WHILE_MS / 1_000} seconds later each of the others runs ${TASKS} tasks one by one; theirs are counted. Two token requests are enough.`,
    grant: 'password',
    play: async (stage: Stage): Promise<void> => {
      const [first] = stage.all();
      await stage.advance(LIFETIME_MS + AFTER_MS);
      stage.provider.script({ name: 'hold' });
      if (first !== undefined) await stage.killAtGate(first);
      await stage.advance(WHILE_MS);
      await stage.runTogether(stage.all(), 'one by one');
    },
  },
];
