/** The attempts of this process: one a token, each with a place at its token endpoint's origin. */
import { EverbearerError } from '../errors.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { FlightPorts } from './flight-ports.ts';
import type { HeldToken } from './held-token.ts';
import type { OpenedTokens } from './opened-tokens.ts';
import { createOriginGate, type OriginPriority } from './origin-gate.ts';
import type { RecordKeeper } from './record-keeper.ts';
import type { Saver } from './saver.ts';
import type { TokenConfiguration } from './token-configuration.ts';
import { startFlight, type Flight, type FlightOptions, type UnstoredToken } from './token-flight.ts';

export interface FlightDeck {
  /**
   * The attempt under way, else this one.
   * @returns the token; `undefined`: somebody else was first, look again. @throws EverbearerError what the record now remembers
   */
  depart(plan: AttemptPlan): Promise<HeldToken | undefined>;
  /** The same, for nobody: a failure is logged. */
  renewBehind(plan: AttemptPlan): void;
  /** What this process has obtained of a token and not stored yet. */
  unstored(recordId: string): UnstoredToken | undefined;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
}

interface Departure {
  readonly token: Promise<HeldToken | undefined>;
  readonly done: Promise<void>;
  flight: Flight | undefined;
  hasLanded: boolean;
}

export function createFlightDeck(
  ports: FlightPorts,
  opened: OpenedTokens,
  saver: Saver,
  keeper: RecordKeeper,
  options: FlightOptions,
): FlightDeck {
  const departures = new Map<string, Departure>();
  const origins = createOriginGate(ports.clock, ports.metrics);

  function depart(plan: AttemptPlan): Promise<HeldToken | undefined> {
    const { id } = plan.configuration;
    const known = departures.get(id);
    // What an attempt has brought is known by now: whoever wants another one looks again when it is over.
    if (known !== undefined) return known.hasLanded ? known.done.then(nothing, nothing) : known.token;
    const starting = start(plan);
    const departure: Departure = {
      token: starting.then((flight) => flight.token),
      done: starting.then((flight) => flight.done),
      flight: undefined,
      hasLanded: false,
    };
    departures.set(id, departure);
    starting.then(
      (flight) => (departure.flight = flight),
      () => undefined,
    );
    departure.done
      .catch(() => undefined)
      .finally(() => {
        departures.delete(id);
      })
      .catch(() => undefined);
    departure.token
      .catch(() => undefined)
      .finally(() => {
        departure.hasLanded = true;
      })
      .catch(() => undefined);
    return departure.token;
  }

  async function start(plan: AttemptPlan): Promise<Flight> {
    options.closing.throwIfAborted();
    const { origin } = plan.configuration;
    const pass = await origins.enter(origin, {
      priority: priorityOf(plan),
      person: plan.person,
      signal: options.closing,
    });
    if ('retryAfterMs' in pass) throw originIsDead(plan.configuration, pass.retryAfterMs);
    return startFlight({ ports, opened, saver, keeper, options }, plan, pass);
  }

  return {
    depart,
    renewBehind(plan) {
      const { integration, scheme, id } = plan.configuration;
      const known = departures.get(id);
      if (known?.hasLanded === false || options.closing.aborted) return;
      const isFree = known === undefined ? Promise.resolve() : known.done.catch(nothing);
      isFree
        .then(async () => await depart(plan))
        .catch((error: unknown) => {
          const code = error instanceof EverbearerError ? error.code : 'internal';
          ports.logger.warn({ integration, scheme, code }, 'renewal behind the callers failed');
        });
    },
    unstored: (recordId) => departures.get(recordId)?.flight?.unstored(),
    async idle() {
      while (departures.size > 0) await Promise.allSettled([...departures.values()].map(({ done }) => done));
    },
  };
}

const nothing = (): undefined => undefined;

function priorityOf({ reason }: AttemptPlan): OriginPriority {
  return reason === 'soft' ? 'early' : 'urgent';
}

function originIsDead({ integration, scheme, origin }: TokenConfiguration, retryAfterMs: number): EverbearerError {
  return new EverbearerError(
    'token_unavailable',
    `${origin} has failed several token requests in a row, so it is only probed for now.`,
    { hint: 'Tasks go on by themselves once it answers.', retryAfterMs, details: { integration, scheme, origin } },
  );
}
