/** The public face of `createEverbearer(…)`: what the CLI, the HTTP API and every engine adapter are built on. */
import type { EverbearerEvent } from './kernel/event.ts';
import type { EventQuery } from './kernel/event-store.ts';
import type { Json } from './kernel/json.ts';
import type { Page, PageOptions } from './kernel/page.ts';
import type { Models } from './model/models.ts';
import type { MigrationStatus } from './store.ts';

export type {
  DirectoryItem,
  ImportFilesOptions,
  ImportFilesResult,
  ImportModelOptions,
  ImportResult,
  ModelDiff,
  ModelSourceInput,
  NameChanges,
} from './model/import-result.ts';
export type { Models } from './model/models.ts';

export interface Everbearer {
  readonly models: Models;
  readonly integrations: Integrations;
  readonly tokens: Tokens;
  readonly tasks: Tasks;
  readonly events: Events;
  readonly migrations: Migrations;
  /** Releases what is not sent, awaits what is, closes the store. */
  close(): Promise<void>;
}

/** As a person writes it: product.md "Integration". Unknown fields are refused by name. */
export interface IntegrationInput {
  readonly name: string;
  readonly model: string;
  readonly server?: Json;
  readonly tls?: Json;
  readonly authentication?: Json;
  readonly egress?: Json;
  readonly allowHttp?: Json;
  readonly resendWrites?: Json;
}

/** As it is shown: secrets masked. */
export interface IntegrationView {
  readonly name: string;
  readonly model: string;
  readonly server: Json;
  readonly tls: Json;
  readonly authentication: Readonly<Record<string, Json>>;
  readonly egress?: readonly string[];
  readonly allowHttp?: boolean;
  readonly resendWrites?: boolean;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface Integrations {
  /** @throws EverbearerError `conflict`, `not_found` (model), `bad_request` (with a JSON Pointer to the field) */
  create(input: IntegrationInput): Promise<IntegrationView>;
  list(options?: PageOptions): Promise<Page<IntegrationView>>;
  get(name: string): Promise<IntegrationView>;
  /** JSON Merge Patch (RFC 7396). A masked value sent back changes nothing. */
  set(name: string, patch: Json): Promise<IntegrationView>;
  remove(name: string): Promise<void>;
  /** What the scheme still needs, for a prompt: `[{scheme, input, secret}]`; looks at the schemes that the model requires. */
  missing(input: IntegrationInput): Promise<readonly MissingInput[]>;
}

export interface MissingInput {
  readonly scheme: string;
  /** Key under `authentication.<scheme>`; `server` for the server URL. */
  readonly input: string;
  readonly secret: boolean;
  /** What the document or we propose. */
  readonly suggestion?: string;
}

export interface TokenQuery {
  readonly integration: string;
  /** Default: the one scheme that has a token. */
  readonly scheme?: string;
  /** A further token for other scopes (listed under `others`). */
  readonly scopes?: readonly string[];
  readonly signal?: AbortSignal;
}

/** As it is shown: product.md "Token (as shown)". Fields that the provider did not give are `null`. */
export interface TokenView {
  readonly integration: string;
  readonly scheme: string;
  readonly state: 'valid' | 'blocked' | 'refreshing' | 'cooling' | 'expired' | 'empty';
  readonly token_type: string | null;
  readonly access_token: string | null;
  readonly has_refresh_token: boolean;
  readonly scope: string | null;
  readonly expires_in: number | null;
  readonly expires_at: string | null;
  readonly created_at: string | null;
  readonly obtained_by: string | null;
  readonly version: number;
  readonly next_attempt_at?: string;
  readonly last_error?: Readonly<Record<string, string | number | null>>;
  readonly others?: readonly Omit<TokenView, 'others'>[];
}

/** Ready to be put on a request of one's own. */
export interface TokenInForce {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_at: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
  /** Opaque; changes with the token. */
  readonly version: string;
  /** Say so after the API answered 401 to this very token. */
  invalidate(): Promise<void>;
}

export interface Tokens {
  /** The token in force, retrieved or refreshed when needed. @throws EverbearerError `token_unavailable`, `token_blocked`, `configuration_missing`, `not_found` */
  get(query: TokenQuery): Promise<TokenInForce>;
  show(query: TokenQuery): Promise<TokenView>;
  /** Retrieves or refreshes now; a person's command, which passes BLOCKED once. */
  refresh(query: TokenQuery): Promise<TokenView>;
  /** Edit by hand: JSON Merge Patch of `access_token, refresh_token, token_type, expires_in, expires_at, created_at, scope`. */
  set(query: TokenQuery, patch: Json, options?: { readonly ifVersion?: number }): Promise<TokenView>;
  clear(query: TokenQuery): Promise<TokenView>;
}

/** product.md "Task input". */
export type TaskInput = Readonly<Record<string, unknown>>;

export interface RunRequest {
  readonly integration: string;
  readonly operationId: string;
  readonly input?: TaskInput;
  readonly signal?: AbortSignal;
}

export interface TaskError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly retry_after_ms?: number;
  readonly hint?: string;
}

/** product.md "Response". */
export type TaskResponse =
  | {
      readonly ok: boolean;
      readonly method: string;
      readonly url: string;
      readonly status: number;
      readonly statusText: string;
      readonly headers: Readonly<Record<string, string | readonly string[]>>;
      /** JSON parsed, text as string, else `{base64, contentType}`. */
      readonly body: unknown;
      /** After the call; absent when `ok`. */
      readonly error?: TaskError;
    }
  | {
      readonly ok: false;
      /** Before the call was made. */
      readonly error: string;
      readonly code: string;
      readonly retryable: boolean;
      readonly retry_after_ms?: number;
      readonly hint?: string;
    };

export interface Tasks {
  /** Never throws for what the API said. @throws EverbearerError `not_found` (integration or operation), `store_unavailable` */
  run(request: RunRequest): Promise<TaskResponse>;
}

export interface Events {
  list(query?: EventQuery): Promise<Page<EverbearerEvent>>;
}

export interface Migrations {
  status(): Promise<MigrationStatus>;
  run(): Promise<readonly string[]>;
}
