/**
 * XML and JSONPath, loaded when an exchange first needs them: most never do, and a command line pays for what it loads. Both libraries only compute.
 */
import type { JSONValue } from 'json-p3';

/** XML as plain data: an element is its text, or an object of its children; a repeated one a list; attributes are `@name`, text beside them `#text`. */
export type XmlReader = (text: string) => unknown;

/** Every value that an RFC 9535 query selects; a query that can't be read selects nothing. */
export type JsonpathQuery = (query: string, value: unknown) => readonly unknown[];

export async function loadXmlReader(): Promise<XmlReader> {
  // eslint-disable-next-line no-restricted-syntax -- see above
  const { XMLParser } = await import('fast-xml-parser');
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    removeNSPrefix: true,
    // A token "0123" is text, not a number.
    parseTagValue: false,
    parseAttributeValue: false,
    ignoreDeclaration: true,
    htmlEntities: true,
  });
  return (text) => {
    if (!isWholeDocument(text)) throw new SyntaxError('not a whole XML document');
    return parser.parse(text) as unknown;
  };
}

/** The parser forgives an end that is missing: half a token must not pass for a whole one. A document type brings entities, and nothing that we want. */
function isWholeDocument(text: string): boolean {
  if (/<!DOCTYPE/i.test(text)) return false;
  const root = /^(?:\s|<\?[^>]*>|<!--[^>]*-->)*<([\w:.-]+)/.exec(text)?.[1];
  const end = /(?:<\/([\w:.-]+)\s*>|\/>)\s*$/.exec(text);
  return root !== undefined && end !== null && (end[1] === undefined || end[1] === root);
}

export async function loadJsonpath(): Promise<JsonpathQuery> {
  // eslint-disable-next-line no-restricted-syntax -- see above
  const { jsonpath } = await import('json-p3');
  return (query, value) => {
    try {
      return jsonpath.query(query, value as JSONValue).values();
    } catch {
      return [];
    }
  };
}
