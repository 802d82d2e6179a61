// SPDX-License-Identifier: Apache-2.0
// Headers that keep the page to its own bytes and what the API answers out of caches, frames and other sites. No answer
// has a CORS field: scripts of other origins read nothing here.
import type { RequestHandler } from 'express';

const PAGE_POLICY = [
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
/** Answers of the API load nothing, wherever they are opened. */
const API_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const EVERYWHERE = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-DNS-Prefetch-Control': 'off',
  'X-Permitted-Cross-Domain-Policies': 'none',
  'X-XSS-Protection': '0',
  'Referrer-Policy': 'no-referrer',
  'Origin-Agent-Cluster': '?1',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
const PAGE = {
  ...EVERYWHERE,
  'Content-Security-Policy': PAGE_POLICY,
  'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
};
const API = {
  ...EVERYWHERE,
  'Content-Security-Policy': API_POLICY,
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
  'Cache-Control': 'no-store',
};
const LASTING = { 'Strict-Transport-Security': 'max-age=31536000' };

/** Sets the headers of every answer; with TLS also that it stays so. */
export function secureHeaders(tls: boolean): RequestHandler {
  const page = Object.entries(tls ? { ...PAGE, ...LASTING } : PAGE);
  const api = Object.entries(tls ? { ...API, ...LASTING } : API);
  return function setHeaders(request, response, next) {
    const isApi = /^\/v1(?:[/?]|$)/.test(request.url);
    for (const [name, value] of isApi ? api : page) response.setHeader(name, value);
    next();
  };
}
