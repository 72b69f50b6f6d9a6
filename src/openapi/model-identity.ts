/** How a model is called: `<info.title>:<info.version>`. */
import { objectField, present, textField } from './document-fields.ts';
import { FINDING_CODES } from './finding-codes.ts';
import { createFinding } from './finding.ts';
import type { Finding } from './import-report.ts';

export interface ModelIdentity {
  readonly versionId: string;
  readonly title: string;
  readonly version: string;
  readonly description?: string;
  readonly findings: readonly Finding[];
}

export function readIdentity(document: unknown): ModelIdentity {
  const info = objectField(document, 'info');
  const title = textField(info, 'title')?.trim();
  const version = textField(info, 'version')?.trim();
  return {
    versionId: `${title ?? 'Untitled'}:${version ?? '0'}`,
    title: title ?? 'Untitled',
    version: version ?? '0',
    ...present('description', textField(info, 'description')),
    findings: [
      ...(title === undefined ? [createFinding('title_missing', FINDING_CODES.title_missing.meaning)] : []),
      ...(version === undefined
        ? [createFinding('info_version_missing', FINDING_CODES.info_version_missing.meaning)]
        : []),
    ],
  };
}
