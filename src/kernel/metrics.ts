/**
 * The port for metrics, and the one table of them: names, labels and buckets are data, so that the compiler checks every use and `docs/metrics.md` is
 * generated. What a label can say is bounded: no integration, no path, no text of a provider is one, or a million integrations would be a million series.
 */

/** What one row of {@link METRICS} says. Names end in their unit (`_seconds`) or, of counters, in `_total`. */
export interface MetricRow {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** One or two sentences for a person. */
  readonly help: string;
  readonly labels: Readonly<Record<string, MetricLabel>>;
  /** Upper bounds, ascending; only of histograms. */
  readonly buckets?: readonly number[];
}

/** All values that there are; or how many different ones a process tells apart: the empty text is "absent", what comes later is {@link OTHER_VALUE}. */
export type MetricLabel = readonly string[] | { readonly atMost: number };

/** What stands for the values of an open label beyond its bound. The semantic conventions write it so. */
export const OTHER_VALUE = '_OTHER';

export const METRICS = {
  everbearer_tasks_total: {
    kind: 'counter',
    help: 'Tasks that ended, by `ok`, the code of their error (docs/errors.md), or `aborted` by their caller.',
    labels: {
      outcome: [
        'ok',
        'aborted',
        'bad_request',
        'unauthorized',
        'forbidden',
        'not_found',
        'conflict',
        'version_exists',
        'precondition_failed',
        'document_refused',
        'key_unknown',
        'store_unavailable',
        'input_invalid',
        'configuration_missing',
        'egress_refused',
        'token_unavailable',
        'token_blocked',
        'api_error',
        'api_unreachable',
        'internal',
      ],
    },
  },
  everbearer_task_resends_total: {
    kind: 'counter',
    help: 'Requests sent again because the API refused the token: `accepted`, `refused` with 401 once more, or `failed` without an answer.',
    labels: { outcome: ['accepted', 'refused', 'failed'] },
  },
  http_client_request_duration_seconds: {
    kind: 'histogram',
    help: 'Every HTTP request to an API (`task`) or a token endpoint (`token`), until the end of its answer. OpenTelemetry: http.client.request.duration.',
    labels: {
      http_request_method: [
        'CONNECT',
        'DELETE',
        'GET',
        'HEAD',
        'OPTIONS',
        'PATCH',
        'POST',
        'PUT',
        'QUERY',
        'TRACE',
        '_OTHER',
      ],
      http_response_status_code: { atMost: 60 },
      error_type: { atMost: 60 },
      server_address: { atMost: 50 },
      server_port: { atMost: 20 },
      everbearer_purpose: ['task', 'token'],
    },
    buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  },
  everbearer_token_gets_total: {
    kind: 'counter',
    help: 'Tokens that calls asked for, by the state that the check found: served at once (`fresh`, `soft`, `hard`), to be obtained first (`empty`, `expired`, `rejected`), or turned away (`cooling`, `blocked`, `key_unknown`).',
    labels: {
      state: ['fresh', 'soft', 'hard', 'empty', 'expired', 'rejected', 'cooling', 'blocked', 'key_unknown'],
    },
  },
  everbearer_token_request_duration_seconds: {
    kind: 'histogram',
    help: 'Token requests, all steps of the exchange together: by grant (`refresh_token`, or the exchange), why it was made, outcome, and class of failure.',
    labels: {
      grant: { atMost: 30 },
      reason: ['empty', 'expired', 'soft', 'hard', 'rejected', 'person'],
      outcome: ['ok', 'failed'],
      class: ['none', 'transient', 'in_doubt', 'refresh_token', 'credentials', 'configuration', 'egress'],
    },
    buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  },
  everbearer_token_waiters: {
    kind: 'gauge',
    help: 'Calls of this process that wait for a token at this moment.',
    labels: {},
  },
  everbearer_token_wait_seconds: {
    kind: 'histogram',
    help: 'How long calls waited that had to wait for a token: until they had one (`ok`), or gave up or were told why not (`failed`).',
    labels: { outcome: ['ok', 'failed'] },
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 45],
  },
  everbearer_token_barred_total: {
    kind: 'counter',
    help: 'Failed attempts of this process after which no other may be made for a while (`cooling`), or until somebody edits the integration (`blocked`). Over the fleet each is counted once.',
    labels: { state: ['cooling', 'blocked'] },
  },
  everbearer_token_lease_conflicts_total: {
    kind: 'counter',
    help: 'Leases that another worker took first.',
    labels: {},
  },
  everbearer_token_lease_takeovers_total: {
    kind: 'counter',
    help: 'Leases taken over from a holder that let them run out: it crashed, or was held up.',
    labels: {},
  },
  everbearer_token_late_saves_total: {
    kind: 'counter',
    help: 'Answers whose lease had moved on when they were to be stored: `landed` all the same, or `dropped`.',
    labels: { outcome: ['landed', 'dropped'] },
  },
  everbearer_token_doubts_total: {
    kind: 'counter',
    help: 'Attempts that presented a refresh token and never learned whether it was spent.',
    labels: {},
  },
  everbearer_token_stale_served_total: {
    kind: 'counter',
    help: 'Tokens served unchecked, until they expire, while the store cannot be reached.',
    labels: {},
  },
  everbearer_token_renewal_margin_seconds: {
    kind: 'histogram',
    help: 'How long the old token still had to live when its successor was stored; 0 when it had expired.',
    labels: {},
    buckets: [0, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
  },
  everbearer_token_cache_hits_total: {
    kind: 'counter',
    help: 'Tokens that were opened in this process already. Hit ratio: hits / (hits + misses).',
    labels: {},
  },
  everbearer_token_cache_misses_total: {
    kind: 'counter',
    help: 'Tokens that had to be read and decrypted first.',
    labels: {},
  },
  everbearer_spool_files: {
    kind: 'gauge',
    help: 'Answers on the disk of this process that wait for the store.',
    labels: {},
  },
  everbearer_breakers: {
    kind: 'gauge',
    help: 'Token endpoints that this process keeps away from (`open`), or lets one request try (`half_open`).',
    labels: { state: ['open', 'half_open'] },
  },
  everbearer_breaker_state: {
    kind: 'gauge',
    help: 'Of each such token endpoint: 1 half open, 2 open. Closed ones have no series. Beyond the bound only `everbearer_breakers` counts them.',
    labels: { origin: { atMost: 100 } },
  },
} as const;

/** What `METRICS` has. */
export type MetricName = keyof typeof METRICS;

type NameOf<Kind extends MetricRow['kind']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

export type CounterName = NameOf<'counter'>;
export type GaugeName = NameOf<'gauge'>;
export type HistogramName = NameOf<'histogram'>;

type LabelValue<Label> = Label extends readonly (infer Value extends string)[] ? Value : string | number;

type Valued<Labels> = keyof Labels extends never
  ? Readonly<Record<string, never>>
  : { readonly [Label in keyof Labels]: LabelValue<Labels[Label]> };

/** The labels of a metric, all of them; the empty text is "absent" of an open one. */
export type LabelsOf<Name extends MetricName> = Valued<(typeof METRICS)[Name]['labels']>;

/** No call throws: what is no finite number is left out. */
export interface Metrics {
  /** @param by default 1; not negative */
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** @param by may be negative */
  add<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, by: number): void;
  /** Takes a series of a gauge away: there is nothing to say of it any more. */
  unset<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>): void;
}

/** All metrics as text. */
export interface MetricsText {
  /** In the format that `contentType` names. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Metrics that are kept, and can be read. */
export type MetricsRegistry = Metrics & MetricsText;

/** Keeps nothing. */
export const NO_METRICS: Metrics = Object.freeze({
  count: ignore,
  observe: ignore,
  set: ignore,
  add: ignore,
  unset: ignore,
});

/** The row of a metric; that every row fits {@link MetricRow} is proved here. */
export function metricRow(name: MetricName): MetricRow {
  return METRICS[name];
}

function ignore(): void {
  return undefined;
}
