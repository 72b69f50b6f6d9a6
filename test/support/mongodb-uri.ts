/** The connection string with this database. WHATWG URLs cannot hold MongoDB's comma-separated hosts, so the name is placed by hand. @throws Error where it is none */
export function withDatabase(uri: string, database: string): string {
  const parts = /^(?<hosts>[^:]+:\/\/[^/?]+)(?:\/[^?]*)?(?<query>\?.*)?$/.exec(uri);
  if (parts?.groups === undefined) throw new Error('This is not a connection string: mongodb://host[:port][/…].');
  return `${parts.groups['hosts'] ?? ''}/${database}${parts.groups['query'] ?? ''}`;
}
