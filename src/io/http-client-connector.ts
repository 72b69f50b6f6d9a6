/** How a connection comes to stand: only to addresses that the guard lets through, with the destination's TLS, and in time. */
import { lookup as systemLookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import type { EgressGuard } from './egress.ts';
import { bareHost } from './egress-hosts.ts';
import { ConnectionRefusal } from './http-client-failure.ts';
import { LONGEST_TIMER_MS } from './timer-limit.ts';

export type Connector = buildConnector.connector;

export interface ConnectorOptions {
  readonly origin: URL;
  readonly guard: EgressGuard;
  /** Default `dns.lookup`. */
  readonly lookup?: LookupFunction;
  readonly rejectUnauthorized: boolean;
  readonly secureContext: SecureContext | undefined;
}

/** A connector of one origin; its TLS sessions are resumed from one connection to the next. Without a time limit: see {@link inTime}. */
export function createConnector({ origin, guard, lookup, ...tls }: ConnectorOptions): Connector {
  return buildConnector({
    allowH2: false,
    autoSelectFamily: true,
    lookup: guardLookup(guard, origin, lookup ?? systemLookup),
    rejectUnauthorized: tls.rejectUnauthorized,
    ...(tls.secureContext === undefined ? {} : { secureContext: tls.secureContext }),
    // Undici's own timer is up to a second late.
    timeout: 0,
  });
}

/**
 * The connector, given up after `connectMs` from the lookup to the end of the TLS handshake. What has arrived by then is looked at first, so that an
 * event loop that was blocked gives nothing up.
 */
export function inTime(connect: Connector, connectMs: number): Connector {
  return (options, callback) => {
    let lastLook: NodeJS.Immediate | undefined;
    const socket = openSocket(connect, options, (...outcome) => {
      clearTimeout(timer);
      clearImmediate(lastLook);
      callback(...outcome);
    });
    const giveUp = (): void =>
      void socket.destroy(new ConnectionRefusal('connect', `no connection in ${connectMs} ms`));
    const timer = setTimeout(
      () => {
        lastLook = setImmediate(giveUp);
      },
      Math.min(connectMs, LONGEST_TIMER_MS),
    );
  };
}

/** Undici's connectors give back the socket that they are opening; its types leave that out. */
function openSocket(connect: Connector, ...parameters: Parameters<Connector>): Socket {
  return (connect as unknown as (...parameters: Parameters<Connector>) => Socket)(...parameters);
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
