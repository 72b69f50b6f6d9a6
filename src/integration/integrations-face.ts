/** What `integrations` of the public face offers. */
import type { Json } from '../kernel/json.ts';
import type { Page, PageOptions } from '../kernel/page.ts';

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
  readonly expirySigns?: Json;
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
  readonly expirySigns?: Json;
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
