/** What the import child may do, enforced by the runtime: read our own code and nothing else. No files, no children, no threads but its watchdog. */
import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Loaded by the child when a document needs them. */
const LOADED_LATER = ['@apidevtools/swagger-parser', 'js-yaml', 'ajv'];

/**
 * Node's permission model (stable since 22.13) for a child that runs `entry`. Its network part exists from Node 25 on; on older versions the child
 * locks the network itself. Nothing is confined where a package manager keeps packages outside every `node_modules` above us: such a child could not load its code.
 */
export function sandboxFlags(entry: URL): readonly string[] {
  const sources = dirname(dirname(fileURLToPath(entry)));
  const readable = [sources, ...packageFolders(sources)];
  const require = createRequire(entry);
  const confined = LOADED_LATER.every((name) => isWithin(realpathSync(require.resolve(name)), readable));
  if (!confined) return [];
  return ['--permission', '--allow-worker', ...readable.map((path) => `--allow-fs-read=${path}`)];
}

/** Every `node_modules` and `package.json` above, which is where Node looks for packages and for `"type"`. */
function packageFolders(from: string): readonly string[] {
  const found: string[] = [];
  for (let folder = from; ; folder = dirname(folder)) {
    found.push(join(folder, 'node_modules'), join(folder, 'package.json'));
    if (folder === dirname(folder)) return found.filter((path) => existsSync(path));
  }
}

function isWithin(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(folder + sep));
}

/** No variable of ours is inherited: they hold secrets. Windows needs to know where it lives. */
export function childEnvironment(): NodeJS.ProcessEnv {
  const root = process.env['SystemRoot'];
  return root === undefined ? {} : { SystemRoot: root };
}
