/** The security schemes of a model. */
import { isObject } from '../kernel/json.ts';
import { formatPointer } from '../kernel/json-pointer.ts';
import { objectField, standardEntries } from './document-fields.ts';
import { FINDING_CODES } from './finding-codes.ts';
import { createFinding, named, quoted } from './finding.ts';
import type { Finding } from './import-report.ts';
import { brokenReferenceIssue, type Issue } from './issue.ts';
import type { UrlContext } from './oauth-url.ts';
import type { SecurityRequirement } from './operation.ts';
import { readSecurityScheme, unknownScheme, type ReadScheme } from './read-security-scheme.ts';
import type { References } from './references.ts';
import type { SecurityScheme } from './security-scheme.ts';
import { upgradeSecurityScheme } from './upgrade-security.ts';

export interface SecurityContext {
  readonly document: unknown;
  /** Whether the document is OpenAPI 2.0. */
  readonly upgrade: boolean;
  readonly references: References;
  readonly urls: UrlContext;
}

export interface ModelSecurity {
  readonly schemes: readonly SecurityScheme[];
  readonly findings: readonly Finding[];
}

export function readModelSecurity(context: SecurityContext): ModelSecurity {
  const { document, upgrade } = context;
  const [holder, base] = upgrade
    ? [objectField(document, 'securityDefinitions'), '/securityDefinitions']
    : [objectField(objectField(document, 'components'), 'securitySchemes'), '/components/securitySchemes'];
  const read = standardEntries(holder).map(([name, value]) =>
    readScheme(name, value, `${base}${formatPointer([name])}`, context),
  );
  return { schemes: read.map(({ scheme }) => scheme), findings: read.flatMap(({ findings }) => findings) };
}

function readScheme(name: string, value: unknown, pointer: string, context: SecurityContext): ReadScheme {
  const place = { name, pointer, flat: context.upgrade };
  const resolved = context.references.resolve(value, pointer);
  if (resolved.outcome !== 'found')
    return unknownScheme({ name }, place, `${brokenReferenceIssue('It', resolved).message}.`);
  if (!isObject(resolved.value)) return unknownScheme({ name }, place, 'It is not an object.');
  const scheme = context.upgrade ? upgradeSecurityScheme(resolved.value) : resolved.value;
  return readSecurityScheme(scheme, { ...place, pointer: resolved.pointer }, context.urls);
}

/** Whether an operation can be called: one alternative names only schemes that are understood. Empty: nothing is required. */
export function securityIssue(
  requirements: readonly SecurityRequirement[],
  known: ReadonlySet<string>,
  pointer: string,
): Issue | undefined {
  const alternatives = requirements.map((requirement) => Object.keys(requirement));
  if (alternatives.length === 0 || alternatives.some((names) => names.every((name) => known.has(name))))
    return undefined;
  const names = [...new Set(alternatives.flat().filter((name) => !known.has(name)))];
  const message = `No credentials can be put on the request: ${named(names)} is not described in the document, or could not be read.`;
  return { code: 'security_undefined', message, pointer };
}

/** Schemes that no operation asks for put nothing on any request. */
export function unusedSecurity(schemes: readonly SecurityScheme[], required: boolean): readonly Finding[] {
  if (schemes.length === 0 || required) return [];
  return [createFinding('security_unused', FINDING_CODES.security_unused.meaning)];
}

/** The names of schemes as requirements mean them. */
export interface SchemeNames {
  /** The described scheme of that name; else the only one that differs in upper and lower case; else the name. */
  readonly nameOf: (written: string) => string;
  /** Names that were found that way. */
  readonly findings: () => readonly Finding[];
}

export function createSchemeNames(schemes: readonly SecurityScheme[]): SchemeNames {
  const exact = new Set(schemes.map(({ name }) => name));
  const folded = Map.groupBy(exact, (name) => name.toLowerCase());
  const matched = new Map<string, string>();
  return {
    nameOf: (written) => {
      const [match, ...others] = folded.get(written.toLowerCase()) ?? [];
      if (match === undefined || others.length > 0 || exact.has(written)) return written;
      matched.set(written, match);
      return match;
    },
    findings: () => [...matched].map(([written, match]) => nameFinding(written, match)),
  };
}

function nameFinding(written: string, match: string): Finding {
  const what = `Security requirements name ${quoted(written)}, the scheme is called ${quoted(match)}.`;
  return createFinding('security_name_matched', `${what} ${FINDING_CODES.security_name_matched.meaning}`);
}
