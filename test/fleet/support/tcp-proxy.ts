/** A wire between two that a test can fray: everything passes until it says otherwise. On loopback. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Seen from the server that stands behind. */
export type Direction = 'to-server' | 'to-client';

export interface TcpProxy {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** Everything passes, what was frozen too. Where bytes were lost the connection breaks. */
  pass(): void;
  /** Every connection breaks now; new ones are taken. */
  cut(): void;
  /** Every connection breaks, and new ones do at once, until `pass`. */
  refuse(): void;
  /** Nothing moves either way, and nothing breaks, until `pass`. */
  freeze(): void;
  /** Bytes of one direction vanish, until `pass`: a partition of which only one side knows. */
  lose(direction: Direction): void;
  /** Each piece is this late, milliseconds. 0: none. */
  delay(ms: number): void;
  /**
   * The next request that holds this text reaches the server, and its reply is lost: the connection breaks where the reply would have come.
   * Resolves when that has happened.
   */
  loseReplyTo(text: string): Promise<void>;
  /** Open connections. */
  connections(): number;
  /** Open connections that have lost bytes. */
  torn(): number;
  close(): Promise<void>;
}

interface Wire {
  readonly client: Socket;
  readonly server: Socket;
  /** The reply that comes next is to be lost. */
  losesReply: boolean;
  /** Bytes are missing in it. */
  torn: boolean;
}

interface Weather {
  frozen: boolean;
  refusing: boolean;
  lost: Direction | undefined;
  delayMs: number;
  awaited: { readonly text: Buffer; readonly lost: () => void } | undefined;
}

/** @param target `host:port` of the server behind */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const weather: Weather = { frozen: false, refusing: false, lost: undefined, delayMs: 0, awaited: undefined };
  const wires = new Set<Wire>();
  const server = createServer((client) => {
    if (weather.refusing) client.resetAndDestroy();
    else join(client, openTo(target), weather, wires);
  });
  const sockets = (): readonly Socket[] => [...wires].flatMap(({ client, server: behind }) => [client, behind]);
  const cut = (): void => wires.forEach(breakWire);
  const host = await listen(server);
  return {
    host,
    pass() {
      Object.assign(weather, { frozen: false, refusing: false, lost: undefined });
      [...wires].filter(({ torn }) => torn).forEach(breakWire);
      sockets().forEach((socket) => socket.resume());
    },
    cut,
    refuse() {
      weather.refusing = true;
      cut();
    },
    freeze() {
      weather.frozen = true;
      sockets().forEach((socket) => socket.pause());
    },
    lose: (direction) => {
      weather.lost = direction;
    },
    delay: (ms) => {
      weather.delayMs = ms;
    },
    loseReplyTo: async (text) => {
      await new Promise<void>((resolve) => (weather.awaited = { text: Buffer.from(text), lost: resolve }));
    },
    connections: () => wires.size,
    torn: () => [...wires].filter((wire) => wire.torn).length,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

function join(client: Socket, server: Socket, weather: Weather, wires: Set<Wire>): void {
  const wire: Wire = { client, server, losesReply: false, torn: false };
  wires.add(wire);
  for (const [from, to, direction] of [
    [client, server, 'to-server'],
    [server, client, 'to-client'],
  ] as const) {
    const forward = createForward(to, weather);
    from.setNoDelay(true);
    from.on('data', (bytes: Buffer) => {
      if (passes(wire, bytes, direction, weather)) forward(bytes);
    });
    from.on('end', () => to.end());
    from.on('error', () => breakWire(wire));
    from.on('close', () => wires.delete(wire));
    if (weather.frozen) from.pause();
  }
}

function passes(wire: Wire, bytes: Buffer, direction: Direction, weather: Weather): boolean {
  if (weather.lost === direction) {
    wire.torn = true;
    return false;
  }
  const { awaited } = weather;
  if (direction === 'to-server') {
    if (awaited !== undefined && bytes.includes(awaited.text)) wire.losesReply = true;
    return true;
  }
  if (!wire.losesReply) return true;
  weather.awaited = undefined;
  breakWire(wire);
  awaited?.lost();
  return false;
}

/** In the order of arrival, whatever the delays. */
function createForward(to: Socket, weather: Weather): (bytes: Buffer) => void {
  let dueMs = 0;
  return (bytes) => {
    dueMs = Math.max(dueMs, performance.now() + weather.delayMs);
    const leftMs = dueMs - performance.now();
    if (leftMs <= 0) to.write(bytes);
    else setTimeout(() => to.write(bytes), leftMs);
  };
}

function breakWire({ client, server }: Wire): void {
  client.resetAndDestroy();
  server.resetAndDestroy();
}

function openTo(target: string): Socket {
  const [host, port] = [target.slice(0, target.lastIndexOf(':')), Number(target.slice(target.lastIndexOf(':') + 1))];
  return connect({ host, port });
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
