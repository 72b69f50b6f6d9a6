import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameOperations, type NamedOperation } from '../../src/openapi/operation-ids.ts';
import { sha256 } from './import-text.ts';

function ids(operations: readonly NamedOperation[]): readonly string[] {
  return nameOperations(operations, sha256).map(({ operationId }) => operationId);
}

const op = (method: string, path: string, operationId?: string): NamedOperation => ({
  method,
  path,
  ...(operationId === undefined ? {} : { operationId }),
});

describe('operation ids', () => {
  it.each([
    {
      rule: 'a unique id is kept unchanged',
      operation: op('get', '/a', 'actions/list-jobs for "x"'),
      id: 'actions/list-jobs for "x"',
    },
    { rule: 'a missing one is method and path', operation: op('get', '/orders'), id: 'get_orders' },
    {
      rule: 'every run outside [A-Za-z0-9] is one _',
      operation: op('delete', '/a-b/{c.d}//e'),
      id: 'delete_a_b_c_d_e',
    },
    { rule: 'a run at the end is one too', operation: op('get', '/users/{id}'), id: 'get_users_id_' },
    { rule: 'the root path', operation: op('get', '/'), id: 'get_' },
    { rule: 'letters of other scripts are outside', operation: op('get', '/überblick'), id: 'get_berblick' },
    { rule: 'an additional method is lower case there', operation: op('PURGE', '/x'), id: 'purge_x' },
    { rule: '__proto__ is an id like any other', operation: op('get', '/x', '__proto__'), id: '__proto__' },
  ])('$rule: $id', ({ operation, id }) => {
    expect(ids([operation])).toEqual([id]);
  });

  it('duplicates each get their method and path, and say what they share', () => {
    const named = nameOperations([op('get', '/a', 'list'), op('get', '/b', 'other'), op('post', '/a', 'list')], sha256);
    expect(named).toEqual([
      { operationId: 'list__get_a', duplicateOf: 'list', made: false },
      { operationId: 'other', made: false },
      { operationId: 'list__post_a', duplicateOf: 'list', made: false },
    ]);
  });

  it('a made id never takes a written one', () => {
    const [written, made] = ids([op('post', '/z', 'get_a'), op('get', '/a')]);
    expect(written).toBe('get_a');
    expect(made).toMatch(/^get_a_[0-9a-f]{8}$/);
  });

  it('a made id never takes the plain id of duplicates', () => {
    const named = ids([op('post', '/z', 'get_a'), op('post', '/y', 'get_a'), op('get', '/a')]);
    expect(named[2]).toMatch(/^get_a_[0-9a-f]{8}$/);
  });

  it('paths that differ only in punctuation are told apart the same way in any order', () => {
    const operations = [op('get', '/a/b'), op('get', '/a-b'), op('get', '/a_b')];
    const forwards = ids(operations);
    expect(new Set(forwards).size).toBe(3);
    expect(ids(operations.toReversed())).toEqual(forwards.toReversed());
  });

  it('nor from an id that another path makes of itself', () => {
    const operations = [op('get', '/a/b'), op('get', '/a-b')];
    const [suffixed = ''] = ids(operations);
    const third = op('get', `/a/b/${suffixed.slice(-8)}`);
    const named = ids([...operations, third]);
    expect(named[2]).toBe(suffixed);
    expect(new Set(named).size).toBe(3);
    expect(ids([third, ...operations])).toEqual([named[2], named[0], named[1]]);
  });

  it('are unique, and the same whatever the order of the paths', () => {
    const word = fc.constantFrom('a', 'b', 'get_a', 'list', 'list__get_a', 'get_a_b', '__proto__');
    const path = fc.constantFrom('/a', '/b', '/a/b', '/a-b', '/{a}', '/a/');
    const arbitrary = fc.uniqueArray(
      fc.record({ method: fc.constantFrom('get', 'post'), path, operationId: fc.option(word) }),
      {
        selector: ({ method, path: at }) => `${method} ${at}`,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(arbitrary, (drawn) => {
        const operations = drawn.map(({ method, path: at, operationId }) => op(method, at, operationId ?? undefined));
        const named = ids(operations);
        expect(new Set(named).size).toBe(operations.length);
        expect(ids(operations.toReversed())).toEqual(named.toReversed());
      }),
    );
  });
});
