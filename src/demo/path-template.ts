/** Path templates of OpenAPI (`/orders/{id}`) against paths off the wire. */

export interface PathTemplate {
  /** One a segment, for the decoded segment. */
  readonly segments: readonly RegExp[];
  /** Segments without a variable: the more, the closer the match. */
  readonly literals: number;
}

/** What follows `?` or `#` in a template is no path. A variable takes at least one character. */
export function compilePathTemplate(template: string): PathTemplate {
  const [path = ''] = template.split(/[?#]/);
  const segments = splitPath(path);
  return {
    segments: segments.map(
      (segment) =>
        new RegExp(
          `^${segment
            .split(/(\{[^}]*\})/)
            .map(toSource)
            .join('')}$`,
          's',
        ),
    ),
    literals: segments.filter((segment) => !segment.includes('{')).length,
  };
}

/** @param segments of {@link splitPath} */
export function matchesTemplate(segments: readonly string[], template: PathTemplate): boolean {
  return (
    segments.length === template.segments.length &&
    template.segments.every((pattern, index) => pattern.test(segments[index] ?? ''))
  );
}

/** Decoded segments of a path; a slash at its end makes no difference. */
export function splitPath(path: string): readonly string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/').map(decode);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function toSource(part: string): string {
  return /^\{[^}]*\}$/.test(part) ? '.+' : part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
