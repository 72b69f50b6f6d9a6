/** What a worker process can be told, and what it answers: plain data, both ends of one channel. */
import type { Json } from '../../../src/kernel/json.ts';
import type { EverbearerOptions } from '../../../src/options.ts';
import type { ProtocolPoint } from '../../../src/token/protocol-points.ts';
import type { TokenView } from '../../../src/token/tokens-face.ts';

/** How the calls of one command went. Codes are our error codes, statuses those of the API. */
export interface CallReport {
  readonly ok: number;
  readonly failed: number;
  /** Calls by status or error code; `200` stands among them. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Milliseconds from call to answer, of the worker's own real time. */
  readonly latency: Latency;
}

export interface Latency {
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

/** As {@link CallReport}; `headers` are the different `Authorization` headers that the calls got. */
export interface GetReport extends CallReport {
  readonly headers: readonly string[];
}

export interface ProcessReport {
  readonly rssBytes: number;
  /** Names of the warnings that Node gave so far: a timer beyond 2^31-1 ms is one. */
  readonly warnings: readonly string[];
  /** How often each named point was reached, since the store was opened. */
  readonly points: Readonly<Record<string, number>>;
}

/**
 * What happens at a named point. `kill`: SIGKILL · `stop`: SIGSTOP, until the test sends SIGCONT · `pause`: this attempt waits for `release`, the process
 * goes on.
 */
export interface PointAction {
  readonly do: 'kill' | 'stop' | 'pause';
}

export interface ArmedPoint {
  readonly point: ProtocolPoint;
  readonly action: PointAction;
  /** The first visit that it meets, from 1. Default 1. It meets one visit. */
  readonly visit?: number;
}

/** Of commands that take none. */
export type Nothing = Readonly<Record<string, never>>;

/** Where a worker works. */
export interface OpenInput {
  readonly options: EverbearerOptions;
  /** File of `createElapsedTime`. */
  readonly elapsedTime: string;
}

/** By name: what the command takes and what it answers. */
export interface WorkerCommands {
  /** Opens a store; one that is open is closed first. */
  open: { input: OpenInput; output: null };
  close: { input: Nothing; output: null };
  /** Tasks of one operation, so many in flight; without a count until `halt`. */
  run: {
    input: {
      readonly integration: string;
      readonly operationId?: string;
      readonly count?: number;
      readonly concurrency: number;
      /** Pause after each task, milliseconds. Default 0. */
      readonly paceMs?: number;
    };
    output: CallReport;
  };
  halt: { input: Nothing; output: null };
  /** `tokens.get`, all at once. */
  get: { input: { readonly integration: string; readonly count: number }; output: GetReport };
  token: {
    input: { readonly integration: string; readonly verb: 'show' | 'refresh' | 'clear' | 'set'; readonly patch?: Json };
    output: TokenView;
  };
  edit: { input: { readonly integration: string; readonly patch: Json }; output: null };
  arm: { input: ArmedPoint; output: null };
  /** Lets go of what is paused at a point. */
  release: { input: Nothing; output: null };
  /** So much wrong is this process's wall clock from now on, milliseconds. */
  'wall-clock': { input: { readonly offsetMs: number }; output: null };
  /** The event loop stands still until so much time has passed, elapsed time included; answered before it begins. */
  block: { input: { readonly ms: number }; output: null };
  report: { input: Nothing; output: ProcessReport };
}

export type CommandName = keyof WorkerCommands;
export type InputOf<N extends CommandName> = WorkerCommands[N]['input'];
export type OutputOf<N extends CommandName> = WorkerCommands[N]['output'];

/** On the wire, to the worker. */
export type WorkerCommand = {
  [N in CommandName]: { readonly id: number; readonly name: N; readonly input: InputOf<N> };
}[CommandName];

/** On the wire, from the worker: an answer to a command, or that an armed point was reached. */
export type WorkerMessage =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: WorkerError }
  | { readonly reached: ProtocolPoint }
  | { readonly ready: true };

/** An error as data: a document of ours, or whatever text there was. */
export interface WorkerError {
  readonly code: string;
  readonly message: string;
}
