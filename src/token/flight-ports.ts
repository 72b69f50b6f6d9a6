/** What running an attempt needs of the world. */
import type { ExchangePorts } from '../exchange/exchange-request.ts';
import type { Cipher } from '../kernel/cipher.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { Tracer } from '../kernel/tracer.ts';
import type { CredentialStore } from './credential-store.ts';
import type { EventTeller } from './event-teller.ts';
import type { OnPoint } from './protocol-points.ts';
import type { Spool } from './spool.ts';
import type { TokenStore } from './token-store.ts';

export interface FlightPorts extends ExchangePorts {
  readonly store: TokenStore;
  readonly credentials: CredentialStore;
  readonly cipher: Cipher;
  readonly events: EventTeller;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  readonly spool: Spool;
  /** Default: nobody listens. */
  readonly onPoint?: OnPoint;
}
