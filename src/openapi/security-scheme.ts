/** Security schemes of every document version in one shape (OpenAPI Security Scheme Object). */
import type { Json } from '../kernel/json.ts';
import type { UrlSource } from './import-report.ts';

export type OAuthFlowName = 'password' | 'clientCredentials' | 'authorizationCode' | 'implicit' | 'deviceAuthorization';

/** One OAuth flow, its URLs resolved by the rules of `docs/import.md`. 2.0's `application` is clientCredentials, `accessCode` authorizationCode. */
export interface OAuthFlow {
  readonly flow: OAuthFlowName;
  /** Absent where the source is `missing`. */
  readonly token_url?: string;
  readonly token_url_source: UrlSource;
  readonly refresh_url?: string;
  readonly refresh_url_source: UrlSource;
  readonly authorization_url?: string;
  readonly device_authorization_url?: string;
  readonly scopes: readonly string[];
  /** From `x-tokenEndpointAuthMethod`, where it names a method we know. */
  readonly client_auth?: 'client_secret_basic' | 'client_secret_post' | 'none';
}

interface SchemeBase {
  readonly name: string;
  readonly description?: string;
  /** Extensions that other products' users rely on (`x-itential-…`, `x-amazon-apigateway-authtype`), carried as written. */
  readonly extensions?: Readonly<Record<string, Json>>;
}

export interface OAuth2Scheme extends SchemeBase {
  readonly type: 'oauth2';
  readonly flows: readonly OAuthFlow[];
  /** OpenAPI 3.2 `oauth2MetadataUrl`. */
  readonly metadata_url?: string;
}

export interface ApiKeyScheme extends SchemeBase {
  readonly type: 'apiKey';
  readonly in: 'query' | 'header' | 'cookie';
  /** Name of the parameter. */
  readonly parameter: string;
}

export interface HttpScheme extends SchemeBase {
  readonly type: 'http';
  /** Lower case: `basic`, `bearer`, … */
  readonly scheme: string;
  readonly bearerFormat?: string;
}

export interface OpenIdConnectScheme extends SchemeBase {
  readonly type: 'openIdConnect';
  readonly openIdConnectUrl?: string;
}

export interface MutualTlsScheme extends SchemeBase {
  readonly type: 'mutualTLS';
}

/** A scheme that could not be understood (external `$ref`, unknown type): listed, never used. */
export interface UnknownScheme extends SchemeBase {
  readonly type: 'unknown';
}

export type SecurityScheme =
  OAuth2Scheme | ApiKeyScheme | HttpScheme | OpenIdConnectScheme | MutualTlsScheme | UnknownScheme;
