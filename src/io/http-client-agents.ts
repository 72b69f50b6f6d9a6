/** Connections: kept ones in one undici Agent a destination, so that none is ever shared between two sets of rules or certificates. */
import type { LookupFunction } from 'node:net';
import { createSecureContext, getCACertificates } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { Agent, Client, Pool } from 'undici';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import type { Destination, DestinationTls } from '../kernel/http-client.ts';
import { createEgressGuard } from './egress.ts';
import type { EgressGuard } from './egress.ts';
import { createConnector, inTime } from './http-client-connector.ts';
import type { Connector, ConnectorOptions } from './http-client-connector.ts';
import { ConnectionRefusal } from './http-client-failure.ts';

export interface AgentOptions {
  /** Resolver. Default `dns.lookup`. */
  readonly lookup?: LookupFunction;
  /** Kept connections to one origin of one destination; further requests queue. Default 64. */
  readonly connectionsPerOrigin?: number;
  /** Destinations whose connections are kept; those that are used stay. Default 256. */
  readonly maxDestinations?: number;
}

/** A destination with everything that was worked out for it once. */
export interface Outlet {
  readonly guard: EgressGuard;
  /**
   * Connections that are kept.
   * @param connectMs time-out for connect and TLS; each value has connections of its own
   */
  agent(connectMs: number): Agent;
  /** A connection for one request alone; it is destroyed once `until` has settled. */
  openClient(origin: string, connectMs: number, until: Promise<unknown>): Client;
  close(): Promise<void>;
}

export class Outlets {
  readonly #outlets: BoundedCache<Destination, Outlet>;
  readonly #options: AgentOptions;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#outlets = new BoundedCache({ maxEntries: options.maxDestinations ?? 256 });
  }

  /** By identity. */
  get(destination: Destination): Outlet {
    return this.#outlets.find(destination) ?? this.#open(destination);
  }

  async close(): Promise<void> {
    await Promise.all(this.#outlets.drain().map((outlet) => outlet.close()));
  }

  #open(destination: Destination): Outlet {
    const outlet = createOutlet(destination, this.#options);
    // Gracefully: what is on its way still arrives.
    void this.#outlets.set(destination, outlet)?.close();
    return outlet;
  }
}

/** Of every connection. The client has its own clock, from the first byte to the last. */
const HTTP_OPTIONS = { allowH2: false, headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: 64 * 1024 } as const;

/** Origins of one destination whose connector, with the TLS sessions in it, is kept. */
const KEPT_CONNECTORS = 16;

function createOutlet(destination: Destination, { lookup, connectionsPerOrigin = 64 }: AgentOptions): Outlet {
  const guard = createEgressGuard(destination);
  const agents = new Map<number, Agent>();
  const clients = new Set<Client>();
  const connectorOf = connectors(destination.tls, { guard, ...(lookup === undefined ? {} : { lookup }) });
  const connect = (origin: string, connectMs: number): Connector => inTime(connectorOf(new URL(origin)), connectMs);
  const createAgent = (connectMs: number): Agent =>
    new Agent({
      factory: (origin: string) =>
        new Pool(origin, {
          ...HTTP_OPTIONS,
          connections: connectionsPerOrigin,
          pipelining: 1,
          connect: connect(origin, connectMs),
        }),
    });
  return {
    guard,
    agent: (connectMs) => {
      const agent = agents.get(connectMs) ?? createAgent(connectMs);
      agents.set(connectMs, agent);
      return agent;
    },
    openClient: (origin, connectMs, until) => {
      const client = new Client(origin, { ...HTTP_OPTIONS, pipelining: 0, connect: connect(origin, connectMs) });
      clients.add(client);
      const end = (): void => {
        clients.delete(client);
        void client.destroy();
      };
      until.then(end, end);
      return client;
    },
    close: async () => {
      await Promise.all([...agents.values(), ...clients].map((dispatcher) => dispatcher.close()));
    },
  };
}

/** One connector an origin, made at its first connection. */
function connectors(
  tls: DestinationTls,
  options: Pick<ConnectorOptions, 'guard' | 'lookup'>,
): (origin: URL) => Connector {
  const kept = new BoundedCache<string, Connector>({ maxEntries: KEPT_CONNECTORS });
  const secureContext = lazily(() => createContext(tls));
  return (origin) => {
    const found = kept.find(origin.origin);
    if (found !== undefined) return found;
    const context = origin.protocol === 'https:' ? secureContext() : undefined;
    const { rejectUnauthorized } = tls;
    const connector = createConnector({ ...options, origin, rejectUnauthorized, secureContext: context });
    kept.set(origin.origin, connector);
    return connector;
  };
}

/** Built once and not per connection: parsing the well-known authorities takes milliseconds. */
function createContext({ ca, certificate, key }: DestinationTls): SecureContext | undefined {
  if (ca === undefined && certificate === undefined && key === undefined) return undefined;
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }),
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key }),
    });
  } catch {
    // The error would quote what it could not parse.
    throw new ConnectionRefusal('tls', 'the CA, certificate or key of the TLS settings cannot be used');
  }
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
