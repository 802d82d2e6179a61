// SPDX-License-Identifier: Apache-2.0
// What a request must be before anybody looks at whose it is: one meaning only, whatever a proxy in front made of it.
// Addresses of this gateway need no escapes, so that nothing hides in one; fields that decide come once.
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { gatewayError } from '../problem-codes.ts';

/** Methods that some operation or page answers. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const PATH = /^(?:\/[A-Za-z0-9_~@-][A-Za-z0-9._~@-]*)*\/?$/;
const MAX_ADDRESS = 8192;
const MAX_FIELDS = 100;
/** Fields that decide who, what for, or where a body ends. */
const ONCE = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'origin',
  'purpose-code',
  'sec-fetch-site',
  'transfer-encoding',
]);

/**
 * Refuses ambiguous requests. Errors: METHOD_UNKNOWN, REQUEST_INVALID (address), HEADERS_TOO_LARGE, REQUEST_MALFORMED,
 * MEDIA_TYPE (compressed bodies).
 */
export const strictRequest: RequestHandler = (request, response, next) => {
  if (!METHODS.some((method) => method === request.method)) {
    response.set('Allow', METHODS.join(', '));
    throw gatewayError('METHOD_UNKNOWN', 'this method is not answered here');
  }
  checkAddress(request.originalUrl);
  checkFields(request);
  const { 'content-encoding': encoding = 'identity' } = request.headers;
  if (encoding.toLowerCase() !== 'identity') {
    throw gatewayError('MEDIA_TYPE', 'send the body uncompressed');
  }
  if ((request.method === 'GET' || request.method === 'HEAD') && hasBody(request)) {
    throw gatewayError('REQUEST_MALFORMED', 'a request that only reads has no body');
  }
  next();
};

/** Whether a body follows the header. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = headers;
  return coding !== undefined || (length !== undefined && length !== '0');
}

function checkAddress(url: string): void {
  const path = url.split('?')[0] ?? '';
  if (!path.startsWith('/') || !PATH.test(path) || url.length > MAX_ADDRESS) {
    throw gatewayError('REQUEST_INVALID', 'the address is malformed', {
      detail: [{ path: 'address', reason: 'malformed' }],
    });
  }
}

function checkFields({ rawHeaders, httpVersion, headers }: IncomingMessage): void {
  if (rawHeaders.length > 2 * MAX_FIELDS) {
    throw gatewayError('HEADERS_TOO_LARGE', `a header has ${String(MAX_FIELDS)} fields at most`);
  }
  const seen = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? '';
    if (!ONCE.has(name)) continue;
    if (seen.has(name)) throw gatewayError('REQUEST_MALFORMED', 'a field comes twice');
    seen.add(name);
  }
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || httpVersion !== '1.1')) {
    throw gatewayError('REQUEST_MALFORMED', 'a body is chunked, or of a length that is given');
  }
}
