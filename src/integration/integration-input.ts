/** What a person may write as an integration, checked against `schemas/integration.schema.json`; every complaint has a JSON Pointer. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { EverbearerError } from '../errors.ts';
import type { Json } from '../kernel/json.ts';
import schema from '../../schemas/integration.schema.json' with { type: 'json' };
import type { SchemeValues } from './scheme-credentials.ts';

/** An integration as written, checked. */
export interface IntegrationDocument {
  readonly name: string;
  readonly model: string;
  readonly server?:
    | { readonly url: string }
    | {
        readonly protocol?: 'http' | 'https';
        readonly host: string;
        readonly port?: number;
        readonly base_path?: string;
      };
  readonly tls?: {
    readonly enabled?: boolean;
    readonly rejectUnauthorized?: boolean;
    readonly ca?: string;
    readonly certificate?: string;
    readonly key?: string;
  };
  readonly authentication?: Readonly<Record<string, SchemeValues>>;
  readonly egress?: readonly string[];
  readonly allowHttp?: boolean;
  readonly resendWrites?: boolean;
}

let validator: ValidateFunction<IntegrationDocument> | undefined;

/** @throws EverbearerError `bad_request` with `details.pointer` */
export function parseIntegration(value: Json): IntegrationDocument {
  validator ??= new Ajv2020({ allErrors: false, strict: false }).compile<IntegrationDocument>(schema);
  if (validator(value)) return value;
  throw complaint(validator.errors?.at(-1));
}

/** Names the place and the rule, never the value: it may be a secret. */
function complaint(error: ErrorObject | undefined): EverbearerError {
  const unknownField = error?.params['additionalProperty'] as string | undefined;
  const pointer = `${error?.instancePath ?? ''}${unknownField === undefined ? '' : `/${unknownField}`}`;
  const what =
    unknownField === undefined ? (error?.message ?? 'is not as it should be') : 'is not a field of an integration';
  return new EverbearerError('bad_request', `${pointer === '' ? 'The integration' : pointer} ${what}.`, {
    hint: 'The fields are server, tls, authentication, egress, allowHttp, resendWrites; see schemas/integration.schema.json.',
    details: { pointer },
  });
}
