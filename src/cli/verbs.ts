/** The table of verbs. What is not built is not here. */
import type { Verb, VerbFlag } from './verb.ts';

const FROM: VerbFlag = {
  flags: '--from <json|@file|->',
  description: 'values as JSON, from a file, or from standard input',
};
const SCHEME: VerbFlag = {
  flags: '--scheme <scheme>',
  description: 'security scheme, where there are several with a token',
};
const SCOPES: VerbFlag = {
  flags: '--scopes <scopes>',
  description: 'a further token for these scopes, separated by blanks',
};
const NAME = { name: 'name', description: 'name of the integration' };
const VERSION_ID = { name: 'versionId', description: '<info.title>:<info.version> of the model' };

/** The flag that every verb has besides the settings. */
export const JSON_FLAG: VerbFlag = {
  flags: '--json',
  description: 'one JSON document on standard output and nothing else',
};

const STORE = ['store', 'keyFile'];
/** Of verbs that change what is stored: whom the events name. */
const EDIT = [...STORE, 'actor'];
const TOKEN = [...EDIT, 'egress', 'tokenWaitMs', 'tokenTimeoutMs', 'connectTimeoutMs'];
const TASK = [...TOKEN, 'taskTimeoutMs', 'maxResponseBytes', 'validate'];

export const VERBS: readonly Verb[] = [
  {
    name: 'demo',
    summary: 'the main job in one command, against a simulated provider; touches neither your store nor the network',
    arguments: [{ name: 'document', description: 'OpenAPI document; without one, ours is used', required: false }],
    flags: [{ flags: '--once', description: 'end by itself within 25 s, with a summary' }],
    settings: [],
    examples: ['demo', 'demo ./openapi.yaml --once --json'],
    load: async () => (await import('./demo.ts')).demo,
  },
  {
    name: 'import',
    summary: 'import an OpenAPI document as an integration model',
    arguments: [{ name: 'source', description: 'file, URL, directory, zip, or - for standard input' }],
    flags: [
      { flags: '--dry-run', description: 'only report; nothing is written' },
      { flags: '--as <name>', description: 'also make an integration of that name' },
      { flags: '--from <json|@file|->', description: 'with --as: the values of the integration' },
      { flags: '--replace', description: 'replace a model of the same title and version' },
      { flags: '--strict', description: 'add full validation by swagger-parser to the findings' },
      { flags: '--max-bytes <bytes>', description: 'largest document (default 16777216)', kind: 'integer', minimum: 1 },
      { flags: '--max-operations <count>', description: 'most operations (default 5000)', kind: 'integer', minimum: 1 },
    ],
    settings: EDIT,
    examples: [
      'import ./openapi.yaml',
      'import https://api.example.com/openapi.json --dry-run',
      'import ./specs --json',
    ],
    load: async () => (await import('./import.ts')).importDocument,
  },
  {
    name: 'models list',
    summary: 'list the integration models',
    arguments: [],
    flags: [],
    settings: STORE,
    examples: ['models list'],
    load: async () => (await import('./models.ts')).listModels,
  },
  {
    name: 'models show',
    summary: "a model's facts and security schemes",
    arguments: [VERSION_ID],
    flags: [],
    settings: STORE,
    examples: ["models show 'Swagger Petstore:1.0.0'"],
    load: async () => (await import('./models.ts')).showModel,
  },
  {
    name: 'models tasks',
    summary: "a model's operations; with --operation one of them with its input schema",
    arguments: [VERSION_ID],
    flags: [{ flags: '--operation <operationId>', description: 'only this one, with its input schema' }],
    settings: STORE,
    examples: [
      "models tasks 'Swagger Petstore:1.0.0'",
      "models tasks 'Swagger Petstore:1.0.0' --operation showPetById --json",
    ],
    load: async () => (await import('./models.ts')).listTasks,
  },
  {
    name: 'models export',
    summary: 'write the document as it was imported to standard output',
    arguments: [VERSION_ID],
    flags: [],
    settings: STORE,
    examples: ["models export 'Swagger Petstore:1.0.0' > petstore.yaml"],
    load: async () => (await import('./models.ts')).exportModel,
  },
  {
    name: 'models remove',
    summary: 'remove a model; refused while integrations use it',
    arguments: [VERSION_ID],
    flags: [],
    settings: EDIT,
    examples: ["models remove 'Swagger Petstore:1.0.0'"],
    load: async () => (await import('./models.ts')).removeModel,
  },
  {
    name: 'integrations create',
    summary: 'make an integration of a model; what is missing is asked for on a terminal',
    arguments: [NAME],
    flags: [
      { flags: '--model <versionId>', description: 'the model (required)' },
      { flags: '--server <url>', description: "base URL; default: the document's first server" },
      FROM,
    ],
    settings: EDIT,
    examples: [
      "integrations create crm --model 'CRM:1.2.0'",
      "integrations create crm --model 'CRM:1.2.0' --server https://crm.example.com --from @crm.json",
    ],
    load: async () => (await import('./integrations.ts')).createIntegration,
  },
  {
    name: 'integrations list',
    summary: 'list the integrations',
    arguments: [],
    flags: [],
    settings: STORE,
    examples: ['integrations list'],
    load: async () => (await import('./integrations.ts')).listIntegrations,
  },
  {
    name: 'integrations show',
    summary: 'show an integration, secrets masked',
    arguments: [NAME],
    flags: [],
    settings: STORE,
    examples: ['integrations show crm'],
    load: async () => (await import('./integrations.ts')).showIntegration,
  },
  {
    name: 'integrations set',
    summary: 'edit an integration: absent is unchanged, null is removed (RFC 7396)',
    arguments: [NAME],
    flags: [FROM],
    settings: EDIT,
    examples: [
      `integrations set crm --from '{"server":{"url":"https://eu.crm.example.com"}}'`,
      'integrations set crm --from -',
    ],
    load: async () => (await import('./integrations.ts')).setIntegration,
  },
  {
    name: 'integrations remove',
    summary: 'remove an integration and its tokens',
    arguments: [NAME],
    flags: [],
    settings: EDIT,
    examples: ['integrations remove crm'],
    load: async () => (await import('./integrations.ts')).removeIntegration,
  },
  {
    name: 'token show',
    summary: 'state, expiry and origin of the token; secrets masked',
    arguments: [NAME],
    flags: [SCHEME, SCOPES],
    settings: STORE,
    examples: ['token show crm'],
    load: async () => (await import('./token.ts')).showToken,
  },
  {
    name: 'token get',
    summary: 'print the token in force, retrieving it when needed',
    arguments: [NAME],
    flags: [SCHEME, SCOPES],
    settings: TOKEN,
    examples: ['token get crm', 'token get crm --json'],
    load: async () => (await import('./token.ts')).getToken,
  },
  {
    name: 'token refresh',
    summary: 'retrieve or refresh now, even where the credentials were refused before',
    arguments: [NAME],
    flags: [SCHEME, SCOPES],
    settings: TOKEN,
    examples: ['token refresh crm'],
    load: async () => (await import('./token.ts')).refreshToken,
  },
  {
    name: 'token set',
    summary:
      'edit the token by hand: access_token, refresh_token, token_type, expires_in, expires_at, created_at, scope',
    arguments: [NAME],
    flags: [SCHEME, SCOPES, FROM],
    settings: EDIT,
    examples: [`token set crm --from '{"expires_at":"2026-01-31T12:00:00Z"}'`, 'token set crm --from @token.json'],
    load: async () => (await import('./token.ts')).setToken,
  },
  {
    name: 'token clear',
    summary: 'throw the tokens away',
    arguments: [NAME],
    flags: [SCHEME, SCOPES],
    settings: EDIT,
    examples: ['token clear crm'],
    load: async () => (await import('./token.ts')).clearToken,
  },
  {
    name: 'run',
    summary: 'run one operation and print its response',
    arguments: [NAME, { name: 'operationId', description: 'as models tasks lists it' }],
    flags: [
      {
        flags: '--input <json|@file|->',
        description: 'task input: {path?, query?, header?, cookie?, body?, contentType?, server?}',
      },
    ],
    settings: TASK,
    examples: ['run crm listContacts', `run crm getContact --input '{"path":{"id":"42"}}'`],
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'events',
    summary: 'history: tokens retrieved, refreshed, refused and edited, models imported',
    arguments: [{ ...NAME, required: false }],
    flags: [
      { flags: '--follow', description: 'go on printing what comes, one a line' },
      { flags: '--limit <count>', description: 'how many of the newest (default 50)', kind: 'integer' },
    ],
    settings: STORE,
    examples: ['events crm', 'events --follow --json'],
    load: async () => (await import('./events.ts')).events,
  },
  {
    name: 'migrate',
    summary: 'bring the store to the newest schema',
    arguments: [],
    flags: [{ flags: '--status', description: 'only say what is pending' }],
    settings: ['store'],
    examples: ['migrate --status', 'migrate'],
    load: async () => (await import('./migrate.ts')).migrate,
  },
  {
    name: 'doctor',
    summary: 'check store, keys, clock and versions, and say what to do',
    arguments: [],
    flags: [],
    settings: STORE,
    examples: ['doctor'],
    load: async () => (await import('./doctor.ts')).doctor,
  },
];
