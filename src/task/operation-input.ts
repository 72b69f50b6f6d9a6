/** A task's input as a person, a workflow or another system writes it → what the plan of its operation works on. */
import { isObject } from '../kernel/json.ts';
import { formatPointer } from '../kernel/json-pointer.ts';
import { chooseMediaType, type ChosenMediaType } from './body-plan.ts';
import { closeNames } from './close-names.ts';
import { isConnectionField, isToken } from './header-field.ts';
import { inputInvalid, MAX_FAULTS, type InputFault } from './input-fault.ts';
import { INPUT_GROUPS, type InputNames } from './input-names.ts';
import type { InputGroup } from './parameter-writer.ts';
import type { ParameterGroup } from './path-plan.ts';
import type { RequestPlan } from './request-plan.ts';

export interface OperationInput {
  /** By declared name, without prototype; `null` counts as not given and is left out. */
  readonly path: ParameterGroup;
  readonly query: ParameterGroup;
  readonly header: ParameterGroup;
  readonly cookie: ParameterGroup;
  /** In place of the plan's. */
  readonly accept?: unknown;
  /** `undefined`: none is sent. */
  readonly body?: unknown;
  /** With a body. */
  readonly mediaType?: ChosenMediaType;
  /** A server in place of the integration's. */
  readonly server?: string;
  /** Parameters that the document doesn't have; sent all the same where validation is not strict. */
  readonly undeclared: readonly UndeclaredParameter[];
  /** What strict validation refuses of the above. */
  readonly faults: readonly InputFault[];
}

export interface UndeclaredParameter {
  readonly group: Exclude<InputGroup, 'path'>;
  readonly name: string;
  readonly value: unknown;
}

const NO_INPUT: Readonly<Record<string, unknown>> = Object.freeze({});
const FIELDS = [...INPUT_GROUPS, 'body', 'contentType', 'server'] as const;

/**
 * Reads `{path?, query?, header?, cookie?, body?, contentType?, server?}` (product.md "Task input"). These names always mean the groups and fields; a
 * parameter whose name is unique may stand beside them. Itential's `bodyContentType` and `requestBodyPayload` are read as `contentType` and `body`;
 * with its `adapter_id` present, empty text at the top means "not given", as on its canvas. A parameter of the operation wins over an alias.
 * @throws EverbearerError `input_invalid` for what cannot be placed; `faults` has what strict validation refuses besides
 */
export function readInput(plan: RequestPlan, raw: unknown): OperationInput {
  if (raw !== undefined && !isObject(raw)) throw inputInvalid([{ pointer: '', message: 'must be an object' }]);
  const reader = new InputReader(plan.names);
  reader.read(raw ?? NO_INPUT);
  return reader.finish(plan);
}

/** Collects one input. A class because reading fills many places at once. */
class InputReader {
  readonly #names: InputNames;
  readonly #groups: Record<InputGroup, Record<string, unknown>> = {
    path: emptyGroup(),
    query: emptyGroup(),
    header: emptyGroup(),
    cookie: emptyGroup(),
  };
  readonly #undeclared: UndeclaredParameter[] = [];
  /** Nothing can be built with these. */
  readonly #errors: InputFault[] = [];
  readonly #faults: InputFault[] = [];
  #accept: unknown;
  #body: unknown;
  #contentType: unknown;
  #server: unknown;

  constructor(names: InputNames) {
    this.#names = names;
  }

  read(input: Readonly<Record<string, unknown>>): void {
    const isCanvas = Object.hasOwn(input, 'adapter_id') && !this.#names.top.has('adapter_id');
    for (const key of Object.keys(input)) {
      const value = input[key];
      switch (key) {
        case 'path':
        case 'query':
        case 'header':
        case 'cookie':
          this.#readGroup(key, value);
          break;
        case 'body':
          this.#body = value;
          break;
        case 'contentType':
          this.#contentType = value;
          break;
        case 'server':
          this.#server = value;
          break;
        default:
          this.#readTop(key, value, isCanvas);
      }
    }
  }

  finish(plan: RequestPlan): OperationInput {
    const { path, query, header, cookie } = this.#groups;
    const contentType = this.#text('contentType', this.#contentType);
    const server = this.#text('server', this.#server);
    const media = this.#chooseMedia(plan, contentType);
    if (this.#errors.length > 0) throw inputInvalid([...this.#errors, ...this.#faults].slice(0, MAX_FAULTS));
    return {
      path,
      query,
      header,
      cookie,
      undeclared: this.#undeclared,
      faults: this.#faults,
      ...(this.#accept === undefined ? undefined : { accept: this.#accept }),
      ...(media === undefined ? undefined : { body: this.#body, mediaType: media }),
      ...(server === undefined ? undefined : { server }),
    };
  }

  #chooseMedia(plan: RequestPlan, contentType: string | undefined): ChosenMediaType | undefined {
    const isNone = this.#body === undefined || (plan.body === undefined && (this.#body === null || this.#body === ''));
    if (isNone) return undefined;
    const media = chooseMediaType(plan.body, this.#body, contentType);
    if (plan.body === undefined) {
      this.#faults.push({ pointer: '/body', message: 'must not be given: the operation takes no body' });
    } else if (!media.isDeclared) {
      const declared = plan.body.mediaTypes.map((type) => type.declared).join(', ');
      this.#faults.push({
        pointer: '/contentType',
        message: `must be one of the operation's media types: ${declared}`,
      });
    }
    return media;
  }

  #readGroup(group: InputGroup, value: unknown): void {
    if (value === undefined || value === null) return;
    const { wholeQuery } = this.#names;
    if (group === 'query' && wholeQuery !== undefined) {
      this.#set(group, wholeQuery, value, [group]);
      return;
    }
    if (!isObject(value)) {
      this.#errors.push({ pointer: `/${group}`, message: 'must be an object of parameters by name' });
      return;
    }
    const declared = this.#names.groups[group];
    for (const key of Object.keys(value)) {
      const name = declared.get(group === 'header' ? key.toLowerCase() : key);
      if (name === undefined) this.#readUndeclared(group, key, value[key]);
      else this.#set(group, name, value[key], [group, key]);
    }
  }

  #set(group: InputGroup, name: string, value: unknown, at: readonly string[]): void {
    if (value === undefined || value === null) return;
    const values = this.#groups[group];
    if (values[name] !== undefined) this.#errors.push({ pointer: formatPointer(at), message: 'is given twice' });
    values[name] = value;
  }

  #readTop(key: string, value: unknown, isCanvas: boolean): void {
    const [entry, ...others] = this.#names.top.get(key) ?? this.#names.top.get(key.toLowerCase()) ?? [];
    if (entry === undefined) {
      this.#readAlias(key, value);
    } else if (others.length > 0) {
      const groups = [entry, ...others].map(({ group }) => group).join(' and ');
      this.#errors.push({ pointer: formatPointer([key]), message: `is a parameter in ${groups}: name the group` });
    } else if (!isCanvas || value !== '') {
      this.#set(entry.group, entry.name, value, [key]);
    }
  }

  #readAlias(key: string, value: unknown): void {
    if (key === 'adapter_id') return;
    const isUnset = value === undefined || value === null || value === '';
    if (key === 'bodyContentType') {
      if (!isUnset) this.#contentType ??= value;
    } else if (key === 'requestBodyPayload') {
      if (!isUnset) this.#body ??= value;
    } else {
      const isBodyField = this.#names.takesBody ? 'is unknown; properties of the body stand under "body"' : undefined;
      const known = [...FIELDS, ...this.#names.top.keys()];
      this.#errors.push({ pointer: formatPointer([key]), message: this.#unknown(key, known, isBodyField) });
    }
  }

  /** Fields that belong to the connection, and credentials, are refused; `Accept` and `Content-Type` mean something else. */
  #readUndeclared(group: InputGroup, key: string, value: unknown): void {
    if (value === undefined || value === null) return;
    const pointer = formatPointer([group, key]);
    const field = group === 'header' ? key.toLowerCase() : '';
    if (field === 'accept') this.#accept = value;
    else if (field === 'content-type') this.#contentType ??= value;
    else if (field === 'authorization') {
      this.#errors.push({ pointer, message: 'must not be given: credentials belong to the integration' });
    } else if (isConnectionField(field)) {
      this.#errors.push({ pointer, message: 'must not be given: the HTTP client sets it' });
    } else if (group === 'path' || (group !== 'query' && !isToken(key))) {
      this.#errors.push({ pointer, message: this.#unknown(key, this.#names.groups[group].values()) });
    } else {
      this.#undeclared.push({ group, name: key, value });
      this.#faults.push({ pointer, message: this.#unknown(key, this.#names.groups[group].values()) });
    }
  }

  #unknown(key: string, known: Iterable<string>, otherwise = 'is unknown'): string {
    // Comparing names costs; nobody reads that many suggestions.
    if (this.#errors.length + this.#faults.length >= MAX_FAULTS) return 'is unknown';
    const close = closeNames(key, known);
    if (close.length === 0) return otherwise;
    return `is unknown; did you mean ${close.map((name) => `"${name}"`).join(' or ')}?`;
  }

  #text(field: string, value: unknown): string | undefined {
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string') return value;
    this.#errors.push({ pointer: `/${field}`, message: 'must be text' });
    return undefined;
  }
}

function emptyGroup(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}
