/**
 * The service behind `tasks` of the public face: an input becomes one request with credentials that are checked at this very call; a 401 gets the token
 * renewed and the request sent once more.
 */
import { EverbearerError } from '../errors.ts';
import { credentialsFor, schemesFor, usesToken, type Credentials } from '../integration/credentials.ts';
import type { Directory, OpenIntegration } from '../integration/directory.ts';
import { chooseServer, type ChosenServer } from '../integration/server-choice.ts';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import type { HttpClient, HttpLimits, HttpResponse } from '../kernel/http-client.ts';
import type { Logger } from '../kernel/logger.ts';
import type { ModelStore } from '../model/model-store.ts';
import type { HeldToken } from '../token/held-token.ts';
import type { TokenManager } from '../token/token-manager.ts';
import { buildRequest, type BuiltRequest } from './build-request.ts';
import { createCompiledOperations, type CompiledOperation } from './compiled-operations.ts';
import { inputInvalid } from './input-fault.ts';
import { readInput, type OperationInput } from './operation-input.ts';
import { readResponse } from './read-response.ts';
import { parseServerBase, type ServerBase } from './server-base.ts';
import { failedBefore } from './task-failure.ts';
import type { RunRequest, TaskResponse, Tasks } from './tasks-face.ts';
import { withCredentials } from './with-credentials.ts';

export interface TasksPorts {
  readonly directory: Directory;
  readonly manager: TokenManager;
  readonly models: ModelStore;
  readonly http: HttpClient;
  readonly logger: Logger;
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

/** What is decided without looking at the store. */
interface Draft {
  readonly integration: OpenIntegration;
  readonly schemes: readonly string[];
  readonly server: ChosenServer;
  readonly request: BuiltRequest;
}

/** What is decided before anything is sent. */
interface Prepared extends Draft {
  readonly credentials: Credentials;
}

/** How many servers a process keeps parsed. */
const BASES_KEPT = 1_000;

/** How often an integration may change under a call before it gives up. */
const MAX_CHANGES = 5;

export function createTasks(ports: TasksPorts, options: TasksOptions): Tasks {
  const { directory, http } = ports;
  const operations = createCompiledOperations(ports.models);
  const bases = new BoundedCache<string, ServerBase>({ maxEntries: BASES_KEPT });
  const limits: HttpLimits = {
    connectMs: options.connectTimeoutMs,
    totalMs: options.taskTimeoutMs,
    maxResponseBytes: options.maxResponseBytes,
  };

  async function run(call: RunRequest): Promise<TaskResponse> {
    const found = await findOperation(call);
    try {
      const prepared = await prepare(call, found);
      const response = await send(prepared, prepared.credentials, call.signal);
      const answered = response.status === 401 ? await afterRefusal(prepared, response, call.signal) : response;
      return readResponse(answered, shownRequest(prepared));
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
    return { integration, schemes, server, request };
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

  async function send(
    { request, server }: Prepared,
    credentials: Credentials,
    signal?: AbortSignal,
  ): Promise<HttpResponse> {
    const { url, headers } = withCredentials(request, credentials);
    return await http.request({
      method: request.method,
      url,
      headers,
      body: request.body,
      destination: server.destination,
      limits,
      signal,
    });
  }

  /** The API refused the token: renew it, and send once more what can be sent again. The refusal stands where no other token can be had. */
  async function afterRefusal(prepared: Prepared, refusal: HttpResponse, signal?: AbortSignal): Promise<HttpResponse> {
    const { credentials, integration, schemes, request } = prepared;
    if (credentials.tokens.length === 0) return refusal;
    const rejected = new Map<string, HeldToken>(credentials.tokens.map(({ scheme, token }) => [scheme, token]));
    const renewed = await credentialsFor(ports, integration, schemes, { rejected, ...signalOf({ signal }) }).catch(
      (error: unknown) => {
        if (error instanceof EverbearerError) return undefined;
        throw error;
      },
    );
    if (renewed === undefined || !mayResend(integration, request)) return refusal;
    return await send(prepared, renewed, signal);
  }

  return { run };
}

function signalOf({ signal }: { readonly signal?: AbortSignal | undefined }): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** A 401 means that the server did nothing, so a write may be sent again too, unless the integration says otherwise. */
function mayResend({ content }: OpenIntegration, { method, replayable }: BuiltRequest): boolean {
  const isWrite = method === 'POST' || method === 'PATCH';
  return replayable && (!isWrite || content.settings.resendWrites !== false);
}

/** The request as it is told: without the credentials. */
function shownRequest({ request }: Prepared): { readonly method: string; readonly url: string } {
  return { method: request.method, url: request.url };
}
