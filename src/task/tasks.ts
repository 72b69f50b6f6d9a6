/**
 * The service behind `tasks` of the public face: an input becomes one request with credentials that are checked at this very call. How it is sent, and
 * sent again where the API refuses the token, is `send-request.ts`.
 */
import { EverbearerError } from '../errors.ts';
import { credentialsFor, schemesFor, usesToken } from '../integration/credentials.ts';
import type { OpenIntegration } from '../integration/open-integration.ts';
import { chooseServer } from '../integration/server-choice.ts';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import type { HttpLimits } from '../kernel/http-client.ts';
import type { ModelStore } from '../model/model-store.ts';
import type { SecurityRequirement } from '../openapi/operation.ts';
import { buildRequest } from './build-request.ts';
import { createCompiledOperations, type CompiledOperation } from './compiled-operations.ts';
import { inputInvalid } from './input-fault.ts';
import { readInput, type OperationInput } from './operation-input.ts';
import { readResponse, type ResponseVerdict } from './read-response.ts';
import { adviceOn } from './refusal-advice.ts';
import { createRequestSender, type Delivery, type PreparedRequest, type SendingPorts } from './send-request.ts';
import { parseServerBase, type ServerBase } from './server-base.ts';
import { failedBefore } from './task-failure.ts';
import type { RunRequest, TaskResponse, Tasks } from './tasks-face.ts';

export interface TasksPorts extends SendingPorts {
  readonly models: ModelStore;
}

export interface TasksOptions {
  readonly taskTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxResponseBytes: number;
  readonly validate: 'strict' | 'warn' | 'off';
}

interface Found {
  readonly integration: OpenIntegration;
  readonly compiled: CompiledOperation;
}

/** What is decided before anything is sent. */
interface Prepared extends PreparedRequest {
  /** The operation's effective requirements. */
  readonly security: readonly SecurityRequirement[];
}

/** What is decided without looking at the store. */
type Draft = Omit<Prepared, 'credentials'>;

/** How many servers a process keeps parsed. */
const BASES_KEPT = 1_000;

/** How often an integration may change under a call before it gives up. */
const MAX_CHANGES = 5;

export function createTasks(ports: TasksPorts, options: TasksOptions): Tasks {
  const { directory } = ports;
  const operations = createCompiledOperations(ports.models);
  const bases = new BoundedCache<string, ServerBase>({ maxEntries: BASES_KEPT });
  const limits: HttpLimits = {
    connectMs: options.connectTimeoutMs,
    totalMs: options.taskTimeoutMs,
    maxResponseBytes: options.maxResponseBytes,
  };
  const sendRequest = createRequestSender(ports, limits);

  async function run(call: RunRequest): Promise<TaskResponse> {
    const found = await findOperation(call);
    try {
      const prepared = await prepare(call, found);
      const delivery = await sendRequest(prepared, call.signal);
      return readResponse(delivery.response, shownRequest(prepared), verdictOn(delivery, prepared));
    } catch (error) {
      return failedBefore(error, call.integration);
    }
  }

  async function findOperation(call: RunRequest): Promise<Found> {
    const integration = await directory.find(call.integration);
    try {
      return { integration, compiled: await operations.get(integration.model, call.operationId) };
    } catch (error) {
      const now = await nowInPlaceOf(integration, error);
      return { integration: now, compiled: await operations.get(now.model, call.operationId) };
    }
  }

  /** What fails on an integration or model that somebody changed meanwhile says nothing of those there are now. @throws the error where nothing changed */
  async function nowInPlaceOf(integration: OpenIntegration, error: unknown): Promise<OpenIntegration> {
    const now = await directory.current(integration.record.name);
    if (now === integration) throw error;
    return now;
  }

  /** Until the integration that the request was made for is the one whose token was checked. */
  async function prepare(call: RunRequest, first: Found): Promise<Prepared> {
    let found = first;
    for (let change = 0; change < MAX_CHANGES; change += 1) {
      const { integration } = found;
      const draft = await currentDraft(found, call);
      if (draft === undefined) {
        found = await findOperation(call);
        continue;
      }
      if (usesToken(integration, draft.schemes) || (await directory.inForce(call.integration)) === integration) {
        const credentials = await credentialsFor(ports, integration, draft.schemes, signalOf(call));
        if (directory.opened(call.integration) === integration) return { ...draft, credentials };
      }
      found = await findOperation(call);
    }
    throw new EverbearerError('conflict', `"${call.integration}" is being edited while the task starts.`, {
      retryable: true,
    });
  }

  /** `undefined` where it failed on what is there no longer. */
  async function currentDraft(found: Found, call: RunRequest): Promise<Draft | undefined> {
    try {
      return draftOf(found, call);
    } catch (error) {
      await nowInPlaceOf(found.integration, error);
      return undefined;
    }
  }

  function draftOf({ integration, compiled }: Found, call: RunRequest): Draft {
    const input = readInput(compiled.plan, call.input);
    check(compiled, input, call);
    const schemes = schemesFor(integration, compiled.operation.security);
    const server = chooseServer(integration, compiled.operation, input.server);
    const request = buildRequest(compiled.plan, baseOf(server.url), input);
    return { integration, schemes, server, request, security: compiled.operation.security };
  }

  function check(compiled: CompiledOperation, input: OperationInput, call: RunRequest): void {
    if (options.validate === 'off') return;
    const faults = compiled.validator().validate(input);
    if (faults.length === 0) return;
    if (options.validate === 'strict') throw inputInvalid(faults);
    const { integration, operationId } = call;
    ports.logger.warn(
      { integration, operationId, faults: faults.length, first: faults[0]?.pointer },
      'the input does not fit the operation',
    );
  }

  function baseOf(url: string): ServerBase {
    const known = bases.find(url);
    if (known !== undefined) return known;
    const base = parseServerBase(url);
    bases.set(url, base);
    return base;
  }

  return { run };
}

function signalOf({ signal }: { readonly signal?: AbortSignal | undefined }): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function verdictOn(delivery: Delivery, prepared: Prepared): ResponseVerdict {
  const hint = adviceOn(delivery, prepared, prepared.security);
  return { refused: delivery.because !== 'not_refused', ...(hint === undefined ? {} : { hint }) };
}

/** The request as it is told: without the credentials. */
function shownRequest({ request }: Prepared): { readonly method: string; readonly url: string } {
  return { method: request.method, url: request.url };
}
