// SPDX-License-Identifier: Apache-2.0
// Bodies: JSON of a bounded size in a bounded time; files as they come, as long as they come; and what is left of a
// body nobody wanted is not waited for.
import { json, urlencoded } from 'express';
import type { RequestHandler } from 'express';
import { gatewayError } from '../problem-codes.ts';

/** Media type of a form. */
export const FORM = 'application/x-www-form-urlencoded';

/** Milliseconds; tests shorten them. */
export const BODY_TIMES = { json: 30_000, silence: 60_000, linger: 2000 };

/** Reads JSON. Errors: MEDIA_TYPE, BODY_TOO_LARGE, BODY_MALFORMED, REQUEST_TIMEOUT. */
export function readJson(limit: number, milliseconds = BODY_TIMES.json): RequestHandler {
  return readBody(
    'application/json',
    json({ limit, inflate: false, verify: refuseNul }),
    limit,
    milliseconds,
  );
}

/** Reads a form, as OAuth has it. Errors: as `readJson`. */
export function readForm(limit: number, milliseconds = BODY_TIMES.json): RequestHandler {
  const parser = urlencoded({ limit, inflate: false, extended: false, verify: refuseNul });
  return readBody(FORM, parser, limit, milliseconds);
}

function readBody(
  media: string,
  parser: RequestHandler,
  limit: number,
  milliseconds: number,
): RequestHandler {
  return function readWhole(request, response, next) {
    if (!request.is(media)) throw gatewayError('MEDIA_TYPE', `the body must be ${media}`);
    const tooLarge = () => gatewayError('BODY_TOO_LARGE', 'the body is too large');
    if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
    let isOver = false;
    let bytes = 0;
    const end = (error?: unknown) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      next(error);
    };
    const timer = setTimeout(
      () => end(gatewayError('REQUEST_TIMEOUT', 'the body took too long')),
      milliseconds,
    );
    // The parser would read a body to its end before it says that it is too large.
    request.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes > limit) end(tooLarge());
    });
    parser(request, response, end);
  };
}

/** No field of anything here holds NUL, which other programs take for the end of a text. */
function refuseNul(_request: unknown, _response: unknown, bytes: Uint8Array): void {
  if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('\\u0000')) {
    throw gatewayError('BODY_MALFORMED', 'a text of the body holds NUL');
  }
}

/** Ends the connection of a file that stopped coming. */
export function streamBody(milliseconds = BODY_TIMES.silence): RequestHandler {
  return function watchBody(request, response, next) {
    const socket = request.socket;
    const onSilence = () => {
      if (!request.complete) socket.destroy();
    };
    socket.setTimeout(milliseconds, onSilence);
    response.once('close', () => {
      socket.setTimeout(0);
      socket.off('timeout', onSilence);
    });
    next();
  };
}

/** After an answer the rest of its body is thrown away for a moment, so that the answer arrives; then the line is cut. */
export function leaveUnread(milliseconds = BODY_TIMES.linger): RequestHandler {
  return function watchAnswer(request, response, next) {
    const { socket } = request; // the request has none any more once its line is closed
    response.once('finish', () => {
      if (request.complete) return;
      request.resume();
      setTimeout(() => {
        if (!request.complete) socket.destroy();
      }, milliseconds).unref();
    });
    next();
  };
}
