/**
 * The one internal model of an operation, whatever version the document has. It is stored as one record an operation; schemas keep their local
 * `$ref`s, whose targets are stored as fragments, so that running one task reads one operation and the fragments that it needs.
 */
import type { Json } from '../kernel/json.ts';

/** OpenAPI Server Object; `variables` as declared. */
export interface Server {
  readonly url: string;
  readonly description?: string;
  readonly variables?: Readonly<Record<string, ServerVariable>>;
}

export interface ServerVariable {
  readonly default?: string;
  readonly enum?: readonly string[];
  readonly description?: string;
}

/** All schemes in one requirement are needed together (AND); a list of requirements is a choice (OR). `{}` is anonymous access. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

export type ParameterLocation = 'path' | 'query' | 'header' | 'cookie' | 'querystring';
export type ParameterStyle =
  | 'matrix'
  | 'label'
  | 'simple'
  | 'form'
  | 'spaceDelimited'
  | 'pipeDelimited'
  | 'deepObject'
  | 'cookie'
  | 'tabDelimited';

/** OpenAPI Parameter Object with every default filled in (2.0's `collectionFormat` becomes `style`; `tsv` becomes `tabDelimited`). */
export interface Parameter {
  readonly name: string;
  readonly in: ParameterLocation;
  readonly required: boolean;
  readonly style: ParameterStyle;
  readonly explode: boolean;
  readonly allowReserved: boolean;
  /** As written; may be or hold `{"$ref": "#/…"}` to a fragment. Absent where `content` is used or nothing was said. */
  readonly schema?: Json;
  /** Media type where the parameter is serialised by `content` instead of `style`. */
  readonly contentType?: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  /** The first example that the document gives for it. */
  readonly example?: Json;
}

/** OpenAPI Encoding Object, for one property of a form or multipart body. */
export interface PropertyEncoding {
  readonly contentType?: string;
  readonly style?: ParameterStyle;
  readonly explode?: boolean;
  readonly allowReserved?: boolean;
}

export interface MediaType {
  readonly schema?: Json;
  readonly encoding?: Readonly<Record<string, PropertyEncoding>>;
  readonly example?: Json;
}

export interface RequestBody {
  readonly required: boolean;
  /** By media type, in the document's order. */
  readonly content: Readonly<Record<string, MediaType>>;
}

export interface ResponseDescription {
  readonly description?: string;
  readonly content: Readonly<Record<string, MediaType>>;
}

export interface Operation {
  /** Unique in the model; product.md says how a missing or duplicate one is made. */
  readonly operationId: string;
  /** Upper case, e.g. `GET`. */
  readonly method: string;
  /** The path template as written, e.g. `/orders/{id}`. */
  readonly path: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly deprecated: boolean;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: RequestBody;
  /** By status, `default` included. */
  readonly responses: Readonly<Record<string, ResponseDescription>>;
  /** Only where the operation or its path overrides the model's servers. */
  readonly servers?: readonly Server[];
  /** Effective: the operation's own, else the document's. Empty: nothing is required. */
  readonly security: readonly SecurityRequirement[];
  /** JSON Pointer to the operation in the document. */
  readonly pointer: string;
}

/** How schemas of the model are to be read: OpenAPI 2.0 and 3.0 have their own dialect, 3.1 and 3.2 are JSON Schema 2020-12. */
export type SchemaDialect = 'openapi-2.0' | 'openapi-3.0' | 'json-schema-2020-12';
