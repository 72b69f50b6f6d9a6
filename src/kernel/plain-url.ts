/**
 * What a URL parser would change (WHATWG URL, special schemes): characters that it encodes or reads otherwise, segments that begin like `.` or `..`, and
 * a query that is empty.
 */
const CHANGED = /[^\w~!$&()*+,;=:@%?./-]|\/(?:\.|%2e)|\?$/i;

/** Whether a URL parser leaves this path and query as they are, so that it need not be asked. @param text begins with `/` or `?`, or is empty */
export function isPlainTarget(text: string): boolean {
  return !CHANGED.test(text);
}
