/** The KeyCheckStore: one row. */
import type { KeyCheckStore } from '../../../src/store.ts';
import { type Connection, query } from './connection.ts';

const NAME = 'key_check';
const SELECT = query<{ value: string }>('SELECT value FROM store_values WHERE name = ?');
const INSERT = 'INSERT INTO store_values (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING';

export function createKeyCheckStore(connection: Connection): KeyCheckStore {
  const find = (): string | undefined => connection.one(SELECT, NAME)?.value;
  return {
    async readKeyCheck() {
      return await connection.read(find);
    },

    async insertKeyCheck(value) {
      return await connection.write(() => {
        connection.run(INSERT, NAME, value);
        return find() ?? value;
      });
    },
  };
}
