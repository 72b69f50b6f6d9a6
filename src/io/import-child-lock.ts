/** Takes the network from the import child. Nothing in it asks for one; should a library ever follow a reference, it meets an error instead of a socket. */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

export function lockNetwork(): void {
  const refuse = (): never => {
    throw new Error('The import process has no network.');
  };
  net.Socket.prototype.connect = refuse;
  net.Server.prototype.listen = refuse;
  dgram.createSocket = refuse;
  Object.assign(dns, { lookup: refuse, resolve: refuse, resolve4: refuse, resolve6: refuse });
  syncBuiltinESMExports();
  Object.assign(globalThis, { fetch: refuse, WebSocket: undefined, EventSource: undefined });
}
