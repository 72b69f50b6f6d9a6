/** What an edit changes: which schemes' tokens it drops, by who signs in or by with what (token-lifecycle §3.1). Pure. */
import { canonicalJson } from '../kernel/canonical-json.ts';
import { own } from '../kernel/json.ts';
import type { SchemeMarks } from './integration-store.ts';
import { accountFields } from './public-fields.ts';
import type { SchemeValues } from './scheme-credentials.ts';

type Authentication = Readonly<Record<string, SchemeValues>>;

/** Marks after an edit that makes revision `rev`. A scheme without a mark has `{account_rev: 0, secret_rev: 0}`. */
export function marksAfter(
  marks: Readonly<Record<string, SchemeMarks>>,
  before: Authentication,
  after: Authentication,
  rev: number,
): Readonly<Record<string, SchemeMarks>> {
  const schemes = new Set([...Object.keys(marks), ...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries(
    [...schemes].map((scheme) => [scheme, schemeMarks(marksOf(marks, scheme), before[scheme], after[scheme], rev)]),
  );
}

export function marksOf(marks: Readonly<Record<string, SchemeMarks>>, scheme: string): SchemeMarks {
  return (Object.hasOwn(marks, scheme) ? marks[scheme] : undefined) ?? { account_rev: 0, secret_rev: 0 };
}

function schemeMarks(
  marks: SchemeMarks,
  before: SchemeValues | undefined,
  after: SchemeValues | undefined,
  rev: number,
): SchemeMarks {
  if (canonicalJson(before) === canonicalJson(after)) return marks;
  return changesAccount(before ?? {}, after ?? {}) ? { ...marks, account_rev: rev } : { ...marks, secret_rev: rev };
}

function changesAccount(before: SchemeValues, after: SchemeValues): boolean {
  const fields = new Set([...accountFields(before), ...accountFields(after)]);
  return [...fields].some((field) => canonicalJson(own(before, field)) !== canonicalJson(own(after, field)));
}
