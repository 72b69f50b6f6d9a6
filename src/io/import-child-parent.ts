/** The child's end of the conversation: what the parent says, one message after the other. */
import type { FromChild, ToChild } from './import-protocol.ts';

export class ParentChannel {
  readonly #inbox: ToChild[] = [];
  #arrived: (() => void) | undefined;

  constructor() {
    process.on('message', (message) => {
      // The other end of the pipe is our own import-process.ts.
      this.#inbox.push(message as ToChild);
      this.#arrived?.();
    });
  }

  async next(): Promise<ToChild> {
    for (;;) {
      const message = this.#inbox.shift();
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => (this.#arrived = resolve));
    }
  }

  async send(message: FromChild): Promise<void> {
    await new Promise<void>((resolve) => process.send?.(message, () => resolve()));
  }

  /** Sends and waits for the word to go on. @returns whether more is wanted */
  async ask(message: FromChild): Promise<boolean> {
    await this.send(message);
    const answer = await this.next();
    return answer.type === 'more' && answer.more;
  }

  async receiveBytes(size: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafeSlow(size);
    for (let at = 0; at < size;) {
      const message = await this.next();
      if (message.type !== 'bytes') throw new Error(`bytes expected, got ${message.type}`);
      bytes.set(message.bytes, at);
      at += message.bytes.length;
    }
    return bytes;
  }

  async requestFile(path: string): Promise<Uint8Array> {
    await this.send({ type: 'wants', path });
    const answer = await this.next();
    if (answer.type !== 'file') throw new Error(`a file expected, got ${answer.type}`);
    return await this.receiveBytes(answer.size);
  }
}
