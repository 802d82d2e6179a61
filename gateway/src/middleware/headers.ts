// SPDX-License-Identifier: Apache-2.0
// Headers that keep the page to its own bytes and what the API answers out of caches.
import type { RequestHandler } from 'express';

const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Sets the headers of every answer; with TLS also that it stays so. */
export function secureHeaders(tls: boolean): RequestHandler {
  return function setHeaders(request, response, next) {
    response.set({
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
    });
    if (tls) response.set('Strict-Transport-Security', 'max-age=31536000');
    if (request.path.startsWith('/v1')) response.set('Cache-Control', 'no-store');
    next();
  };
}
