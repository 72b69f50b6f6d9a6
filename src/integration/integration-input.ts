/** What a person may write as an integration, checked against `schemas/integration.schema.json`; every complaint has a JSON Pointer. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { EverbearerError } from '../errors.ts';
import type { Json } from '../kernel/json.ts';
import { isNestedDeeper } from '../kernel/nesting.ts';
import schema from '../../schemas/integration.schema.json' with { type: 'json' };
import type { ExpirySign } from './expiry-sign.ts';
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
  readonly expirySigns?: readonly ExpirySign[];
}

const FIELDS_HINT =
  'The fields are server, tls, authentication, egress, allowHttp, resendWrites, expirySigns; see schemas/integration.schema.json.';

let validator: ValidateFunction<IntegrationDocument> | undefined;

/** Far more than an exchange document needs. */
const MOST_LEVELS = 100;

/** What a person writes, before anything goes down into it. @throws EverbearerError `bad_request` */
export function refuseTooDeep(value: Json): void {
  if (!isNestedDeeper(value, MOST_LEVELS)) return;
  throw new EverbearerError('bad_request', `The integration is nested more than ${MOST_LEVELS} levels deep.`, {
    hint: FIELDS_HINT,
    details: { pointer: '' },
  });
}

/** @throws EverbearerError `bad_request` with `details.pointer` */
export function parseIntegration(value: Json): IntegrationDocument {
  refuseTooDeep(value);
  validator ??= new Ajv2020({ allErrors: false, strict: false }).compile<IntegrationDocument>(schema);
  if (validator(value)) return value;
  throw complaint(mostSpecific(validator.errors ?? []));
}

/** Of several forms that were all missed, the complaint that got furthest into the value says most. */
function mostSpecific(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const depth = ({ instancePath }: ErrorObject): number => instancePath.split('/').length;
  return errors.toReversed().toSorted((a, b) => depth(b) - depth(a))[0];
}

/** Names the place and the rule, never the value: it may be a secret. */
function complaint(error: ErrorObject | undefined): EverbearerError {
  const unknownField = error?.params['additionalProperty'] as string | undefined;
  const pointer = `${error?.instancePath ?? ''}${unknownField === undefined ? '' : `/${unknownField}`}`;
  const what =
    unknownField === undefined ? (error?.message ?? 'is not as it should be') : 'is not a field of an integration';
  return new EverbearerError('bad_request', `${pointer === '' ? 'The integration' : pointer} ${what}.`, {
    hint: FIELDS_HINT,
    details: { pointer },
  });
}
