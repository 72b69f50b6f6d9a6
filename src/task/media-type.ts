/** Reading media types: `type/subtype; parameter=value` (RFC 9110 §8.3.1). */

const TEXT_TYPES: ReadonlySet<string> = new Set([
  'application/ecmascript',
  'application/graphql',
  'application/javascript',
  'application/json-seq',
  'application/jsonl',
  'application/ndjson',
  'application/sql',
  'application/toml',
  'application/x-ndjson',
  'application/x-www-form-urlencoded',
  'application/x-yaml',
  'application/xml',
  'application/xml-dtd',
  'application/yaml',
]);

const BINARY =
  /^(?:image|audio|video|font|model)\/|octet-stream|pdf|zip|gzip|compressed|\btar\b|msword|officedocument|ms-excel|ms-powerpoint|protobuf|msgpack|cbor|avro|wasm/;

const LINE_TYPES: ReadonlySet<string> = new Set(['application/jsonl', 'application/ndjson', 'application/x-ndjson']);

/** `type/subtype` in lower case, without parameters. */
export function essenceOf(mediaType: string): string {
  const end = mediaType.indexOf(';');
  return (end === -1 ? mediaType : mediaType.slice(0, end)).trim().toLowerCase();
}

/** The `charset` parameter, lower case, without quotes. */
export function charsetOf(mediaType: string): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(mediaType)?.[1]?.toLowerCase();
}

export function isJsonType(essence: string): boolean {
  return essence === 'application/json' || essence === 'text/json' || essence.endsWith('+json');
}

/** Text that a person can read: kept as a string, in a request and in an answer. */
export function isTextType(essence: string): boolean {
  return (
    essence.startsWith('text/') || essence.endsWith('+xml') || essence.endsWith('+yaml') || TEXT_TYPES.has(essence)
  );
}

/** Known to be bytes. Of other names without `+json` (`application/x-amz-json-1.1`, `application/jose+jwe`) nothing is known, and JSON is likely. */
export function isBinaryType(essence: string): boolean {
  return BINARY.test(essence);
}

/** One JSON value a line. */
export function isLinesType(essence: string): boolean {
  return LINE_TYPES.has(essence);
}

/** Whether it stands for several: any type, any image. */
export function isRange(essence: string): boolean {
  return essence === '*' || essence.endsWith('/*');
}

/** Whether a declared media type or range covers the essence. */
export function covers(declared: string, essence: string): boolean {
  if (declared === essence || declared === '*/*' || declared === '*') return true;
  return declared.endsWith('/*') && essence.startsWith(declared.slice(0, -1));
}
