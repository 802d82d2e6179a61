// SPDX-License-Identifier: Apache-2.0
// A key store on a socket: what a signer process does. Requests of a connection are answered as they can be, small ones
// before large ones; a connection that says something senseless, or begins a message and does not end it, is cut.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { CodedError, isCodedError } from '@zhenglian/core/errors';
import type { CborInput } from '@zhenglian/core/cbor';
import type { Log } from '../log.ts';
import { gatewayError } from '../problem-codes.ts';
import { createFrameReader, encodeFrame } from './frames.ts';
import type { KeySession, KeyStore } from './key-store.ts';
import {
  decodeRequest,
  encodeFailure,
  encodeKeys,
  encodeResult,
  encodeSignatures,
  PROTOCOL,
} from './messages.ts';
import type { SignerRequest } from './messages.ts';

interface Waiting {
  readonly id: number;
  readonly request: SignerRequest;
}

/** Requests that wait; beyond it nothing more is read from the connection. */
const MOST_WAITING = 64;
const MOST_SESSIONS = 16;
const FRAME_WITHIN = 10_000;
/** Bytes of answers that a client has not taken. */
const MOST_UNSENT = 4 << 20;
const SMALL = 8;

/** Serves a connection until it ends. */
export async function serveKeys(socket: Socket, store: KeyStore, log: Log): Promise<void> {
  const sessions = new Map<number, KeySession>();
  const waiting: Waiting[] = [];
  const reader = createFrameReader();
  let working: Promise<void> | undefined;
  let late: NodeJS.Timeout | undefined;
  const cut = (event: string, error?: unknown) => {
    if (socket.destroyed) return;
    log.warn(event, { error });
    socket.destroy();
  };
  const work = async () => {
    for (let next = take(waiting); next !== undefined; next = take(waiting)) {
      if (socket.destroyed) return;
      socket.write(encodeFrame(await answer(sessions, store, next)));
      if (socket.writableLength > MOST_UNSENT) cut('answers were not taken');
      if (waiting.length < MOST_WAITING) socket.resume();
      await nextTurn();
    }
  };
  socket.on('data', (part: Buffer) => {
    try {
      for (const message of reader.push(part)) waiting.push(decodeRequest(message));
    } catch (error) {
      cut('senseless message', error);
      return;
    }
    clearTimeout(late);
    if (reader.isPartial()) late = setTimeout(() => cut('message not ended'), FRAME_WITHIN);
    if (waiting.length >= MOST_WAITING) socket.pause();
    working ??= work()
      .catch((error: unknown) => cut('connection failed', error))
      .finally(() => (working = undefined));
  });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('close', resolve));
  clearTimeout(late);
  await working;
  for (const session of sessions.values()) await session.close();
}

/** A single signature does not wait behind thousands. */
function take(waiting: Waiting[]): Waiting | undefined {
  const small = waiting.findIndex(
    ({ request }) => request.verb !== 'sign' || request.payloads.length <= SMALL,
  );
  return waiting.splice(Math.max(0, small), 1)[0];
}

async function answer(
  sessions: Map<number, KeySession>,
  store: KeyStore,
  { id, request }: Waiting,
): Promise<Uint8Array> {
  try {
    return encodeResult(id, await resultOf(sessions, store, request));
  } catch (error) {
    return encodeFailure(
      id,
      isCodedError<string>(error)
        ? error
        : new CodedError<string>('SIGNER_UNAVAILABLE', 'the signer failed'),
    );
  }
}

async function resultOf(
  sessions: Map<number, KeySession>,
  store: KeyStore,
  request: SignerRequest,
): Promise<CborInput> {
  if (request.verb === 'ping') return requireWell(store);
  if (request.verb === 'open') return open(sessions, store, request.protocol);
  const session = sessions.get(request.session);
  if (session === undefined) throw gatewayError('SIGNER_KEY_UNKNOWN', 'there is no such session');
  switch (request.verb) {
    case 'list':
      return encodeKeys(await session.listKeys());
    case 'generate':
      return encodeKeys([await session.generateKey(request.authority)]);
    case 'sign': {
      const { handle, purpose, networkId, payloads } = request;
      const contents = payloads.map((payload) => ({ purpose, networkId, payload }));
      return encodeSignatures(await session.sign(handle, contents));
    }
    case 'close':
      sessions.delete(request.session);
      await session.close();
      return null;
  }
}

async function open(
  sessions: Map<number, KeySession>,
  store: KeyStore,
  protocol: number,
): Promise<CborInput> {
  if (protocol !== PROTOCOL) throw gatewayError('SIGNER_KEYS', 'this signer speaks protocol 1');
  if (sessions.size >= MOST_SESSIONS) throw gatewayError('SIGNER_KEYS', 'too many sessions');
  const session = await store.openSession();
  const number = Math.max(0, ...sessions.keys()) + 1;
  sessions.set(number, session);
  return number;
}

function requireWell(store: KeyStore): CborInput {
  const [trouble] = store.troubles();
  if (trouble !== undefined) throw gatewayError('SIGNER_UNAVAILABLE', `the signer has ${trouble}`);
  return null;
}
