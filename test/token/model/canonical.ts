/**
 * The canonical form of a world: two worlds with the same form have the same future. Identities are renamed in the order in which they appear, epochs are
 * their rank, instants are before, at or after now, and workers are sorted, for none of them has a name.
 */
import type { TokenConfiguration } from '../../../src/token/token-configuration.ts';
import { NOW, type World } from './world.ts';

/** A part of a world with its identities and epochs taken out. */
interface Shape {
  /** The same for parts that differ in identities and epochs alone. */
  readonly number: number;
  readonly identities: readonly string[];
  readonly epochs: readonly number[];
}

interface ShapeInTheMaking {
  text: string;
  identities: string[];
  epochs: number[];
}

/** What no decision reads: for people, or another name of something that is compared. */
const NOT_COMPARED: ReadonlySet<string> = new Set([
  'acquiredAt',
  'code',
  'created_at',
  'edited_at',
  'error',
  'extra',
  'gen',
  'holder',
  'http',
  'integration_id',
  'issued_at',
  'iv',
  'kid',
  'learned',
  'lifetime',
  'message',
  'n',
  'obtained_by',
  'origin',
  'reason',
  'refusal',
  'sample',
  'scheme',
  'sealed',
  'sentAt',
  'ttlMs',
  'updated_at',
  'ver',
]);
const INSTANTS: ReadonlySet<string> = new Set(['until', 'next_at', 'expires_at']);

/** Parts of parts that stay while what is around them changes. */
const SHARED: ReadonlySet<string> = new Set(['plan', 'base', 'held', 'write']);

const NONE = {};

/** What is known of parts is kept: they are immutable, and shared by most worlds that follow each other. @returns equal keys for worlds with the same canonical form, and for no others */
export function createCanonicalKeys(): (world: World) => string {
  const shapes = new WeakMap<object, Shape>();
  const numbers = new Map<string, number>();

  function shapeOf(part: object): Shape {
    const known = shapes.get(part);
    if (known !== undefined) return known;
    const { text, identities, epochs } = walked(part);
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    const shape = { number, identities, epochs };
    shapes.set(part, shape);
    return shape;
  }

  function walked(part: object): ShapeInTheMaking {
    const shape: ShapeInTheMaking = { text: '', identities: [], epochs: [] };
    walkObject(part, shape);
    return shape;
  }

  function walk(value: unknown, key: string, into: ShapeInTheMaking): void {
    if (typeof value === 'object' && value !== null) {
      if (SHARED.has(key)) append(shapeOf(value), into);
      else walkObject(value, into);
    } else {
      appendValue(value, key, into);
    }
  }

  function walkObject(value: object, into: ShapeInTheMaking): void {
    if ('cfgFp' in value && 'rev' in value) {
      into.text += configurationText(value as TokenConfiguration);
      return;
    }
    into.text += '{';
    for (const key of Object.keys(value).sort()) {
      if (NOT_COMPARED.has(key)) continue;
      into.text += `${key}=`;
      walk((value as Readonly<Record<string, unknown>>)[key], key, into);
      into.text += ',';
    }
    into.text += '}';
  }

  return (world) => keyOf(world, shapesOf(world, shapeOf));
}

function append({ number, identities, epochs }: Shape, into: ShapeInTheMaking): void {
  into.text += `<${number}>`;
  if (identities.length > 0) into.identities.push(...identities);
  if (epochs.length > 0) into.epochs.push(...epochs);
}

function appendValue(value: unknown, key: string, into: ShapeInTheMaking): void {
  if (typeof value === 'string' && value.startsWith('~')) {
    into.identities.push(value);
    into.text += value.slice(value.indexOf(':'));
  } else if (typeof value === 'number' && key === 'epoch') {
    into.epochs.push(value);
    into.text += '@';
  } else {
    into.text += typeof value === 'number' ? numberText(value, key) : String(value);
  }
}

function numberText(value: number, key: string): string {
  if (INSTANTS.has(key)) return value === NOW ? '=' : value < NOW ? '<' : '>';
  if (key === 'nextMs') return value > 0 ? '>' : '=';
  return key === 'at' ? '' : String(value);
}

function configurationText({ id, rev, accountRev, secretRev, cfgFp }: TokenConfiguration): string {
  return [id, rev, accountRev, secretRev, cfgFp].join('/');
}

/** Of what a world is made, in a fixed order. */
function shapesOf(
  { integration, records, workers, spool, underway, editors, guards, server, budget, acknowledged }: World,
  shapeOf: (part: object) => Shape,
): readonly Shape[] {
  const parts = [
    integration ?? NONE,
    records,
    spool,
    underway,
    editors,
    guards,
    server.wrongTries,
    budget,
    acknowledged,
  ];
  const crew = workers.map(shapeOf).sort((a, b) => a.number - b.number);
  return [...parts.map(shapeOf), ...crew];
}

function keyOf(world: World, shapes: readonly Shape[]): string {
  const names = new Map<string, number>();
  const families = new Map<number, number>();
  const epochs: number[] = [];
  let key = `${world.lastGeneration}${world.explained}`;
  for (const shape of shapes) {
    key += `|${shape.number}`;
    for (const identity of shape.identities) {
      const name = names.get(identity);
      key += name === undefined ? `.${serverFacts(world, identity, families)}` : `,${name}`;
      if (name === undefined) names.set(identity, names.size);
    }
    epochs.push(...shape.epochs);
  }
  return key + epochRanks(epochs);
}

/** What the authorization server would do with it. */
function serverFacts({ server, sessions }: World, identity: string, families: Map<number, number>): string {
  if (sessions.includes(identity)) return 's';
  const number = server.familyOf[identity];
  if (number === undefined) return '';
  if (!families.has(number)) families.set(number, families.size);
  const family = server.families[number];
  const place = family?.current === identity ? 'c' : family?.previous === identity ? 'p' : 'x';
  return `f${String(families.get(number))}${place}${family?.isRevoked === true ? 'r' : ''}`;
}

function epochRanks(epochs: readonly number[]): string {
  if (epochs.length < 2) return '';
  const ordered = [...new Set(epochs)].sort((a, b) => a - b);
  return epochs.reduce((text, epoch) => `${text}:${ordered.indexOf(epoch)}`, '');
}
