/** The little of oidc-provider that the tests use; the package brings no types. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  class Model {
    constructor(properties: Readonly<Record<string, unknown>>);
    save(): Promise<string>;
  }

  class Grant extends Model {
    addOIDCScope(scope: string): void;
  }

  export class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>);
    readonly Grant: typeof Grant;
    readonly RefreshToken: typeof Model;
    readonly Client: { find(id: string): Promise<unknown> };
    callback(): RequestListener;
    on(event: string, listener: (...parameters: readonly unknown[]) => void): void;
  }
}
