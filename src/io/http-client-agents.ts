/** Connections: one undici Agent a destination, so that no connection is ever shared between two sets of rules or certificates. */
import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { createSecureContext, getCACertificates } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { Agent, Pool } from 'undici';
import { BoundedCache } from '../kernel/bounded-cache.ts';
import type { Destination, DestinationTls } from '../kernel/http-client.ts';
import { createEgressGuard } from './egress.ts';
import type { EgressGuard } from './egress.ts';
import { bareHost } from './egress-hosts.ts';
import { ConnectionRefusal } from './http-client-failure.ts';

export interface AgentOptions {
  /** Resolver. Default `dns.lookup`. */
  readonly lookup?: LookupFunction;
  /** Connections to one origin of one destination; further requests queue. Default 64. */
  readonly connectionsPerOrigin?: number;
  /** Destinations whose connections are kept; those that are used stay. Default 256. */
  readonly maxDestinations?: number;
}

/** A destination with everything that was worked out for it once. */
export interface Outlet {
  readonly guard: EgressGuard;
  /** @param connectMs time-out for connect and TLS; each value has connections of its own */
  agent(connectMs: number): Agent;
  close(): Promise<void>;
}

export class Outlets {
  readonly #outlets: BoundedCache<Destination, Outlet>;
  readonly #options: Required<AgentOptions>;

  constructor({ lookup = systemLookup, connectionsPerOrigin = 64, maxDestinations = 256 }: AgentOptions) {
    this.#options = { lookup, connectionsPerOrigin, maxDestinations };
    this.#outlets = new BoundedCache({ maxEntries: maxDestinations });
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

function createOutlet(destination: Destination, options: Required<AgentOptions>): Outlet {
  const guard = createEgressGuard(destination);
  const agents = new Map<number, Agent>();
  const secureContext = lazily(() => createContext(destination.tls));
  const createAgent = (connectMs: number): Agent =>
    new Agent({
      factory: (origin) => createPool(new URL(origin), connectMs),
    });
  const createPool = (origin: URL, connectMs: number): Pool =>
    new Pool(origin, {
      connections: options.connectionsPerOrigin,
      pipelining: 1,
      allowH2: false,
      // The client has its own clock, from the first byte to the last.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: 64 * 1024,
      connectTimeout: connectMs,
      connect: {
        autoSelectFamily: true,
        lookup: guardLookup(guard, origin, options.lookup),
        rejectUnauthorized: destination.tls.rejectUnauthorized,
        ...(origin.protocol === 'https:' ? { secureContext: secureContext() } : {}),
      },
    });
  return {
    guard,
    agent: (connectMs) => {
      const agent = agents.get(connectMs) ?? createAgent(connectMs);
      agents.set(connectMs, agent);
      return agent;
    },
    close: async () => {
      await Promise.all([...agents.values()].map((agent) => agent.close()));
    },
  };
}

/** Resolves, and leaves over only the addresses that the guard lets through. */
function guardLookup(guard: EgressGuard, origin: URL, lookup: LookupFunction): LookupFunction {
  const secure = origin.protocol === 'https:';
  const port = origin.port === '' ? (secure ? 443 : 80) : Number(origin.port);
  const target = { hostname: bareHost(origin.hostname), port, secure };
  return (hostname, options, callback) => {
    const lookupOptions: LookupOptions & { readonly all: true } = { ...options, all: true };
    lookup(hostname, lookupOptions, (error, result) => {
      const found: readonly LookupAddress[] = Array.isArray(result) ? result : [];
      const faults = found.map(({ address }) => guard.findAddressFault(target, address));
      const allowed = found.filter((_, index) => faults[index] === undefined);
      const [first] = allowed;
      if (error !== null) callback(error, []);
      else if (first === undefined) callback(refusal(faults[0]), []);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function refusal(fault: string | undefined): ConnectionRefusal {
  return fault === undefined
    ? new ConnectionRefusal('dns', 'the name has no address')
    : new ConnectionRefusal('egress', fault);
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
