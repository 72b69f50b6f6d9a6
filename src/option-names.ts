/** One name in three spellings: the option `keyFile`, the flag `--key-file`, the variable `EVERBEARER_KEY_FILE`. */

/** `keyFile` → `key-file` */
function words(option: string): string {
  return option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `keyFile` → `--key-file` */
export function flagName(option: string): string {
  return `--${words(option)}`;
}

/** `keyFile` → `EVERBEARER_KEY_FILE` */
export function variableName(option: string): string {
  return `EVERBEARER_${words(option).replaceAll('-', '_').toUpperCase()}`;
}
