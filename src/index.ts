/** The public API. Everything else is internal and may change. */
export { createEverbearer } from './everbearer.ts';
export { ERROR_CODES, EverbearerError } from './errors.ts';
export type { ErrorCode, ErrorCodeRow } from './errors.ts';
export type { EverbearerOptions } from './options.ts';
export type { Everbearer, Events, Migrations } from './api.ts';
export type { MetricsText } from './kernel/metrics.ts';
export type { Models } from './model/models.ts';
export type { IntegrationInput, Integrations, IntegrationView, MissingInput } from './integration/integrations-face.ts';
export type { TokenInForce, TokenQuery, Tokens, TokenView } from './token/tokens-face.ts';
export type { RunRequest, TaskError, TaskInput, TaskResponse, Tasks } from './task/tasks-face.ts';
