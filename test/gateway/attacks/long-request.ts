// SPDX-License-Identifier: Apache-2.0
// A request that does not end: its header, then the same piece over and over, made while it is sent, until the other
// side has answered or ended the connection.
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What is sent. */
export interface LongRequest {
  readonly port: number;
  /** Up to the last field, with its line break. */
  readonly header: string;
  /** Sent once, before the pieces. */
  readonly beginning?: string;
  readonly piece: string;
  /** The length that the header names; without one the body is chunked. */
  readonly length?: number;
  /** Goes on after the answer, until the connection is ended. */
  readonly heedless?: boolean;
}

/** What came of it. */
export interface LongAnswer {
  readonly said: string;
  readonly sentBytes: number;
}

const GIVEN_UP_MS = 60_000;
/** So much is sent at once; then others have a turn. */
const TURN_BYTES = 1 << 20;

/** Sends it. @throws Error when the other side takes everything and says nothing */
export async function sendLong(request: LongRequest): Promise<LongAnswer> {
  const { port, header, beginning = '', piece, length, heedless = false } = request;
  const socket = connect(port, '127.0.0.1');
  const state = { said: '', sent: 0, isEnded: false };
  socket.on('data', (chunk: Buffer) => (state.said += chunk.toString('latin1')));
  socket.on('error', () => undefined); // cut while we were sending: what was said counts
  socket.on('close', () => (state.isEnded = true));
  const lengthField =
    length === undefined ? 'Transfer-Encoding: chunked' : `Content-Length: ${String(length)}`;
  socket.write(`${header}${lengthField}\r\n\r\n`);
  const frame = (text: string) => {
    if (length !== undefined) return text;
    return text === '' ? '' : `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
  };
  const isOver = () => state.isEnded || (!heedless && state.said.includes('\r\n\r\n'));
  const again = frame(piece);
  socket.write(frame(beginning));
  const deadline = performance.now() + GIVEN_UP_MS;
  while (!isOver()) {
    if (performance.now() > deadline) throw new Error(`no end after ${String(state.sent)} bytes`);
    for (let turn = 0; turn < TURN_BYTES && socket.writableLength < TURN_BYTES;) {
      socket.write(again);
      turn += again.length;
      state.sent += again.length;
    }
    await pause(5);
  }
  // The rest of an answer is on its way.
  if (!state.isEnded) await pause(50);
  socket.destroy();
  return { said: state.said, sentBytes: state.sent };
}
