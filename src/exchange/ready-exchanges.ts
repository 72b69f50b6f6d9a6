/** The exchanges that are shipped: the OAuth grants, and providers that log in their own way. A new one is a file and a line. */
import { EverbearerError } from '../errors.ts';
import { deepFreeze } from '../kernel/deep-freeze.ts';
import type { Exchange } from './exchange.ts';
import cellosignGeneral from './ready/cellosign_general.json' with { type: 'json' };
import cellosignGraph from './ready/cellosign_graph.json' with { type: 'json' };
import clientCredentials from './ready/client_credentials.json' with { type: 'json' };
import docuware from './ready/docuware.json' with { type: 'json' };
import password from './ready/password.json' with { type: 'json' };
import refreshToken from './ready/refresh_token.json' with { type: 'json' };
import snovIo from './ready/snov_io.json' with { type: 'json' };
import superoffice from './ready/superoffice.json' with { type: 'json' };
import tripletex from './ready/tripletex.json' with { type: 'json' };
import webcrm from './ready/webcrm.json' with { type: 'json' };

const DOCUMENTS: readonly { readonly id: string }[] = [
  clientCredentials,
  password,
  refreshToken,
  cellosignGeneral,
  cellosignGraph,
  docuware,
  snovIo,
  superoffice,
  tripletex,
  webcrm,
];

/** By id. That each passes `parseExchange` is a test's to say, not every start's. */
export const READY_EXCHANGES: ReadonlyMap<string, Exchange> = new Map(
  DOCUMENTS.map((document) => [document.id, deepFreeze(document as Exchange)]),
);

/** @throws EverbearerError `bad_request` for an id that is not shipped, naming those that are */
export function readyExchange(id: string): Exchange {
  const exchange = READY_EXCHANGES.get(id);
  if (exchange !== undefined) return exchange;
  throw new EverbearerError('bad_request', `There is no exchange "${id}".`, {
    hint: `Shipped are ${[...READY_EXCHANGES.keys()].join(', ')}; another one is given as a document in its place.`,
  });
}
