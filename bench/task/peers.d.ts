/** What the benches use of packages that bring no types. */
declare module 'simple-oauth2' {
  export interface AccessToken {
    readonly token: Readonly<Record<string, unknown>>;
    /** @param windowSeconds counts as expired so long before */
    expired(windowSeconds?: number): boolean;
    refresh(): Promise<AccessToken>;
  }
  interface ModuleOptions {
    readonly client: { readonly id: string; readonly secret: string };
    readonly auth: { readonly tokenHost: string; readonly tokenPath: string };
  }
  export class ClientCredentials {
    constructor(config: ModuleOptions);
    getToken(params: Readonly<Record<string, unknown>>): Promise<AccessToken>;
    createToken(token: Readonly<Record<string, unknown>>): AccessToken;
  }
  export class ResourceOwnerPassword extends ClientCredentials {}
  export class AuthorizationCode extends ClientCredentials {}
}

declare module '@itentialopensource/adapter-utils' {
  export class RequestHandler {
    constructor(id: string, properties: Readonly<Record<string, unknown>>, directory: string);
    identifyRequest(
      entity: string,
      action: string,
      request: Readonly<Record<string, unknown>>,
      translate: boolean,
      callback: (result: { readonly response: unknown } | null, error?: unknown) => void,
    ): void;
  }
}
