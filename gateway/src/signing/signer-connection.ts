// SPDX-License-Identifier: Apache-2.0
// One connection to a signer process: requests go out as they come, so many at a time, and answers find theirs by number.
// An answer that does not come in time ends the connection: what else is on it is as late.
import type { CborValue } from '@zhenglian/core/cbor';
import { isCodedError } from '@zhenglian/core/errors';
import { gatewayError } from '../problem-codes.ts';
import { createFrameReader, encodeFrame } from './frames.ts';
import { decodeAnswer, encodeRequest } from './messages.ts';
import type { SignerRequest } from './messages.ts';
import { connectTo, openedEvent } from './signer-address.ts';
import type { SignerAddress } from './signer-address.ts';

/** A live connection. */
export interface SignerConnection {
  /** @throws SIGNER_UNAVAILABLE, or what the signer answers */
  ask(request: SignerRequest): Promise<CborValue>;
  isLive(): boolean;
  close(): void;
}

interface Waiting {
  readonly resolve: (result: CborValue) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

const CONNECT_WITHIN = 2000;
/** Requests without an answer; a signer stops reading at 64. */
const MOST_IN_FLIGHT = 32;

/** A new key is encrypted under its passphrase, slowly on purpose. An answer given up too early would leave a key that nobody wants. */
const LONGER_FOR_A_KEY = 6;

/** Connects. `answerWithin`: milliseconds that an answer may take. @throws SIGNER_UNAVAILABLE */
export async function connectSigner(
  address: SignerAddress,
  answerWithin: number,
): Promise<SignerConnection> {
  const socket = connectTo(address);
  const pending = new Map<number, Waiting>();
  const turns: (() => void)[] = [];
  const reader = createFrameReader();
  let next = 0;
  const end = (words: string, cause?: unknown) => {
    socket.destroy();
    const error = gatewayError('SIGNER_UNAVAILABLE', words, { cause });
    for (const { timer, reject } of pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    pending.clear();
    for (const turn of turns.splice(0)) turn();
  };
  const settle = (message: Uint8Array) => {
    const { id, result } = decodeAnswer(message);
    const waiting = pending.get(id);
    if (waiting === undefined) throw new TypeError('an answer to nothing');
    pending.delete(id);
    clearTimeout(waiting.timer);
    if (isCodedError<string>(result)) waiting.reject(result);
    else waiting.resolve(result);
    turns.shift()?.();
  };
  await new Promise<void>((resolve, reject) => {
    const fail = (cause?: unknown) => {
      clearTimeout(timer);
      socket.destroy();
      reject(gatewayError('SIGNER_UNAVAILABLE', 'the signer is not there', { cause }));
    };
    const timer = setTimeout(fail, CONNECT_WITHIN);
    socket.once('error', fail);
    socket.once('close', fail);
    socket.once(openedEvent(address), () => {
      clearTimeout(timer);
      socket.off('close', fail);
      resolve();
    });
  });
  socket.on('error', () => undefined);
  socket.on('close', () => end('the signer went away'));
  socket.on('data', (part: Buffer) => {
    try {
      for (const message of reader.push(part)) settle(message);
    } catch (cause) {
      end('the signer answers in no form of ours', cause);
    }
  });
  return {
    isLive: () => !socket.destroyed,
    close: () => end('the connection is closed'),
    async ask(request) {
      while (pending.size >= MOST_IN_FLIGHT && !socket.destroyed) {
        await new Promise<void>((resolve) => turns.push(resolve));
      }
      if (socket.destroyed) throw gatewayError('SIGNER_UNAVAILABLE', 'the signer went away');
      const id = (next = (next + 1) % 0x1_0000_0000);
      return new Promise<CborValue>((resolve, reject) => {
        const times = request.verb === 'generate' ? LONGER_FOR_A_KEY : 1;
        const late = () => end('the signer did not answer in time');
        const timer = setTimeout(late, times * answerWithin);
        pending.set(id, { resolve, reject, timer });
        socket.write(encodeFrame(encodeRequest(id, request)));
      });
    },
  };
}
