// SPDX-License-Identifier: Apache-2.0
// What is no request, or took too long to be one: answered on the bare connection, which ends there. Node's parser runs
// in its strict mode, so that no proxy can read a message's end elsewhere than it does (RFC 9112 §6.3).
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { gatewayError } from '../problem-codes.ts';
import type { GatewayErrorCode } from '../problem-codes.ts';
import { problemOf } from '../middleware/problems.ts';

const REASONS: Readonly<Record<string, readonly [GatewayErrorCode, string, string]>> = {
  HPE_HEADER_OVERFLOW: [
    'HEADERS_TOO_LARGE',
    'the header is too large',
    'Request Header Fields Too Large',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TIMEOUT', 'the request took too long', 'Request Timeout'],
};
const MALFORMED = ['REQUEST_MALFORMED', 'this is no request of HTTP/1.1', 'Bad Request'] as const;

/** Answers a `clientError`, unless an answer has begun on the connection. */
export function answerMalformed(
  error: Error,
  socket: Duplex,
  answer: ServerResponse | undefined,
): void {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  if (answer?.headersSent === true) {
    socket.end(() => socket.destroy());
    return;
  }
  const [problemCode, words, phrase] = REASONS[code] ?? MALFORMED;
  const problem = problemOf(gatewayError(problemCode, words));
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${String(problem.status)} ${phrase}`,
    'Connection: close',
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${String(Buffer.byteLength(body))}`,
    'Content-Language: en',
    'Cache-Control: no-store',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
