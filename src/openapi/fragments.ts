/**
 * The targets of `$ref`s in schemas: collected as operations need them, each once, and what is known of everything behind them. Schemas refer to
 * each other in circles, so that is computed by component of the reference graph, when all are there.
 */
import { condense } from './condensation.ts';
import { MAX_CHARACTERS } from './document-survey.ts';
import { contractText } from './contract-text.ts';
import type { FragmentRow } from './imported-model.ts';
import { addIssue, brokenReferenceIssue, type Issue, type UsedSchema } from './issue.ts';
import type { SchemaDialect } from './operation.ts';
import type { References } from './references.ts';
import { scanSchema, type SchemaScan } from './schema-scan.ts';

/** What a schema leads to: fragments by number, and what is wrong with the schema itself. */
export interface SchemaNeeds {
  readonly fragments: readonly number[];
  readonly issues: readonly Issue[];
}

/** What is known of all that a fragment leads to, itself included. */
export interface FragmentFacts {
  readonly digest: string;
  /** At most one of each code. */
  readonly issues: readonly Issue[];
}

export interface FragmentsOptions {
  readonly dialect: SchemaDialect;
  readonly sha256: (text: string) => string;
}

interface Fragment extends SchemaNeeds {
  readonly row: FragmentRow;
  readonly digest: string;
}

export class Fragments {
  readonly #references: References;
  readonly #options: FragmentsOptions;
  readonly #numbers = new Map<string, number>();
  readonly #fragments: Fragment[] = [];
  #characters = 0;

  constructor(references: References, options: FragmentsOptions) {
    this.#references = references;
    this.#options = options;
  }

  /** Characters of all rows so far. Beyond {@link MAX_CHARACTERS} nothing more is collected, and what there is cannot be used. */
  get characters(): number {
    return this.#characters;
  }

  /** In the order they were first needed. */
  get rows(): readonly FragmentRow[] {
    return this.#fragments.map(({ row }) => row);
  }

  /** What is wrong with the fragments themselves. */
  get issues(): readonly Issue[] {
    return this.#fragments.flatMap(({ issues }) => issues);
  }

  /** Collects all that a schema leads to. */
  collect({ schema, pointer }: UsedSchema): SchemaNeeds {
    const waiting: { readonly number: number; readonly reference: string; readonly value: unknown }[] = [];
    const needs = this.#needs(schema, pointer, waiting);
    for (let next = waiting.pop(); next !== undefined && this.#characters <= MAX_CHARACTERS; next = waiting.pop()) {
      const target = next.reference.slice(1);
      const row = { pointer: target, value: JSON.stringify(next.value) };
      this.#characters += row.value.length;
      const digest = this.#options.sha256(contractText(next.value));
      this.#fragments[next.number] = { row, digest, ...this.#needs(next.value, target, waiting) };
    }
    return needs;
  }

  #needs(
    schema: unknown,
    pointer: string,
    waiting: { number: number; reference: string; value: unknown }[],
  ): SchemaNeeds {
    const scan = scanSchema(schema, this.#options.dialect);
    const fragments: number[] = [];
    const issues = schemaIssues(scan, pointer);
    for (const [reference, place] of scan.references) {
      const target = this.#references.target(reference);
      if (typeof target === 'string') {
        addIssue(
          issues,
          brokenReferenceIssue('A schema', { outcome: target, reference, pointer: `${pointer}${place}` }),
        );
        continue;
      }
      const known = this.#numbers.get(reference);
      const number = known ?? this.#numbers.size;
      if (known === undefined) {
        this.#numbers.set(reference, number);
        waiting.push({ number, reference, value: target.value });
      }
      fragments.push(number);
    }
    return { fragments, issues };
  }

  /** By number, when everything is collected. */
  facts(): readonly FragmentFacts[] {
    const facts: FragmentFacts[] = [];
    for (const component of condense(this.#fragments.map(({ fragments }) => fragments))) {
      const members = component.flatMap((number) => this.#fragments[number] ?? []);
      const behind = new Set(members.flatMap(({ fragments }) => fragments.flatMap((number) => facts[number] ?? [])));
      const digests = [
        ...members.map(({ digest }) => digest).toSorted(),
        '',
        ...[...behind].map(({ digest }) => digest).toSorted(),
      ];
      const issues: Issue[] = [];
      for (const issue of [...members, ...behind].flatMap((known) => known.issues)) addIssue(issues, issue);
      const known = { digest: this.#options.sha256(digests.join('\n')), issues };
      for (const number of component) facts[number] = known;
    }
    return facts;
  }
}

function schemaIssues({ problem }: SchemaScan, pointer: string): Issue[] {
  if (problem === undefined) return [];
  const message = `A part of a schema cannot be compiled and checks nothing: ${problem.why}.`;
  return [{ code: 'schema_unchecked', message, pointer: `${pointer}${problem.pointer}` }];
}
