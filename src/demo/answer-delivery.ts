/** Lets an answer leave the way it is meant to. */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../kernel/clock.ts';
import type { Answer } from './answer.ts';

export interface DeliveryPorts {
  readonly clock: Clock;
  /** Resolves when the held answers are let go. */
  readonly released: () => Promise<void>;
  /** Aborted when the caller is gone, or the provider closes. */
  readonly signal: AbortSignal;
}

const PADDING = Buffer.alloc(64 * 1024, ' ');

/** Resolves when there is nothing left to do for the answer, whoever ended it. */
export async function deliver(answer: Answer, response: ServerResponse, ports: DeliveryPorts): Promise<void> {
  const { delivery } = answer;
  switch (delivery.kind) {
    case 'whole':
      if (delivery.delayMs > 0) await ports.clock.sleep(delivery.delayMs, ports.signal);
      sendWhole(answer, response);
      break;
    case 'hold':
      await ports.released();
      sendWhole(answer, response);
      break;
    case 'never':
      break;
    case 'reset':
      response.socket?.resetAndDestroy();
      break;
    case 'closed':
      response.socket?.end();
      break;
    case 'truncated':
      sendHalf(answer, response);
      break;
    case 'drip':
      await sendDripping(answer, delivery.everyMs, response, ports);
      break;
    case 'padded':
      sendPadded(answer, delivery.bytes, response);
      break;
  }
}

async function sendDripping(
  answer: Answer,
  everyMs: number,
  response: ServerResponse,
  { clock, signal }: DeliveryPorts,
): Promise<void> {
  writeHead(answer, response, answer.body.byteLength);
  response.flushHeaders();
  for (const byte of answer.body) {
    await clock.sleep(everyMs, signal);
    response.write(Uint8Array.of(byte));
  }
  response.end();
}

function sendWhole(answer: Answer, response: ServerResponse): void {
  writeHead(answer, response, answer.body.byteLength);
  response.end(answer.body);
}

function sendHalf(answer: Answer, response: ServerResponse): void {
  writeHead(answer, response, answer.body.byteLength);
  const half = answer.body.subarray(0, Math.floor(answer.body.byteLength / 2));
  response.write(half, () => response.socket?.destroy());
}

/** Blanks are legal after JSON: the size is all that is wrong. */
function sendPadded(answer: Answer, bytes: number, response: ServerResponse): void {
  writeHead(answer, response, undefined);
  response.write(answer.body);
  let left = bytes - answer.body.byteLength;
  const push = (): void => {
    while (left > 0) {
      const chunk = PADDING.subarray(0, Math.min(left, PADDING.byteLength));
      left -= chunk.byteLength;
      if (!response.write(chunk)) return;
    }
    response.end();
  };
  response.on('drain', push);
  push();
}

function writeHead({ status, headers }: Answer, response: ServerResponse, length: number | undefined): void {
  const bodiless = status === 204 || status === 304;
  response.writeHead(status, {
    ...headers,
    ...(length === undefined || bodiless ? {} : { 'content-length': String(length) }),
  });
}
