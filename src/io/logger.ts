/** Log lines as JSON on stderr, by pino. Only plain values pass, and what could be a secret by name or place does not. */
import pino from 'pino';
import type { DestinationStream } from 'pino';
import type { LogFields, Logger } from '../kernel/logger.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  /** Least level that is written. Default `info`. */
  readonly level?: LogLevel;
  /** Default stderr, written synchronously so that the last line before an exit is there. */
  readonly stream?: DestinationStream;
}

const STDERR = 2;
/** Longer texts were made by somebody else. */
const LONGEST_TEXT = 500;
const REMOVED = '[removed]';

/** Names that no caller should use; the port's rule is that secrets are never given to it. This is the net below. */
const SECRET_NAME =
  /^(?:authorization|cookie|set[-_]cookie|password|secret|body|headers)$|(?:_token|Token|_secret|Secret|_password|Password|[aA]piKey|api_key)$/;

export function createLogger({ level = 'info', stream }: LoggerOptions = {}): Logger {
  const options = { level, timestamp: pino.stdTimeFunctions.isoTime };
  const writer = pino(options, stream ?? pino.destination({ dest: STDERR, sync: true }));
  const write = (at: Exclude<LogLevel, 'silent'>) => {
    return (fields: LogFields, message: string): void => {
      if (writer.isLevelEnabled(at)) writer[at](toPublicFields(fields), clean(message));
    };
  };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

function toPublicFields(fields: LogFields): LogFields {
  const entries = Object.entries(fields).filter(([, value]) => value === null || typeof value !== 'object');
  return Object.fromEntries(entries.map(([name, value]) => [name, toPublicValue(name, value)]));
}

function toPublicValue(name: string, value: LogFields[string]): LogFields[string] {
  if (typeof value !== 'string') return value;
  return SECRET_NAME.test(name) ? REMOVED : clean(value);
}

/** URLs lose credentials, query and fragment, wherever in the text they stand. */
function clean(text: string): string {
  const cut = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  return cut.replace(/\bhttps?:\/\/(?:[^\s/@]*@)?([^\s?#"']+)(?:[?#][^\s"']*)?/g, (url, rest: string) =>
    url.startsWith('https') ? `https://${rest}` : `http://${rest}`,
  );
}
