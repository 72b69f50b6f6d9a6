/**
 * The spool as files of a directory: one a save, `<store>-<attempt>.sealed`, mode 0600, encrypted under the store's keys. Written beside its name and then
 * renamed, so that a reader meets a whole one.
 */
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cipher, Sealed } from '../kernel/cipher.ts';
import type { Spool, SpooledSave } from '../token/spool.ts';

const OWNER_ONLY = 0o600;
const DIRECTORY_OWNER_ONLY = 0o700;
const ENDING = '.sealed';
const BINDING = 'spooled-save';

/** @param directory made with the first file; processes of several stores may share it */
export function createSpoolDirectory(directory: string, cipher: Cipher): Spool {
  // Fingerprints of a store are its own, so that no other store takes its saves for lost.
  const prefix = `${cipher.fingerprint(['spool'])}-`;
  const nameOf = (attempt: string): string => `${prefix}${attempt}${ENDING}`;

  async function read(name: string): Promise<readonly SpooledSave[]> {
    try {
      const sealed = JSON.parse(await readFile(join(directory, name), 'utf8')) as Sealed;
      return [JSON.parse(cipher.open(sealed, [BINDING, name])) as SpooledSave];
    } catch {
      // Half gone, or sealed with a key that this process lacks: another one may be able to.
      return [];
    }
  }

  return {
    async write(entry) {
      await mkdir(directory, { recursive: true, mode: DIRECTORY_OWNER_ONLY });
      const name = nameOf(entry.save.attempt);
      const path = join(directory, name);
      const staged = `${path}.new`;
      const flags = constants.O_CREAT | constants.O_WRONLY | constants.O_TRUNC | constants.O_NOFOLLOW;
      {
        await using file = await open(staged, flags, OWNER_ONLY);
        await file.writeFile(JSON.stringify(cipher.seal(JSON.stringify(entry), [BINDING, name])));
        await file.sync();
      }
      await rename(staged, path);
      await syncDirectory(directory);
    },
    async list() {
      const names = await readdir(directory).catch(() => []);
      const own = names.filter((name) => name.startsWith(prefix) && name.endsWith(ENDING));
      return (await Promise.all(own.map(read))).flat();
    },
    async remove(attempt) {
      await rm(join(directory, nameOf(attempt)), { force: true });
    },
  };
}

/** Without it a power cut could take the name back. Windows opens no directories; its file systems write the name with the file. */
async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(directory, 'r');
  await handle.sync();
}
