// SPDX-License-Identifier: Apache-2.0
// What a counter asks of a holder (docs/credential-format.md §4.3): shown as a QR code or typed, used once.
import { sm3 } from '@zhenglian/guomi';
import { decodeBase45, encodeBase45 } from './base45.ts';
import { concat, equals } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import type { CborValue } from './cbor.ts';
import { CodedError, isCodedError } from './errors.ts';
import { bytes, integer, text } from './shape.ts';

/** A counter's request; `nonce` is 16 random bytes, `expiresAt` unix seconds. */
export interface PresentationRequest {
  readonly nonce: Uint8Array;
  readonly audience: string;
  readonly act: string;
  readonly expiresAt: number;
}

const PREFIX = 'ZLQ1:';
const CHECK_BYTES = 4;
const LIMITS = { maxBytes: 300, maxDepth: 2, maxItems: 4, maxStringBytes: 256 } as const;

/** Request text for a QR code or the keyboard. */
export function formatRequest(request: PresentationRequest): string {
  const content = encodeCbor([request.nonce, request.audience, request.act, request.expiresAt]);
  return PREFIX + encodeBase45(concat(content, checkOf(content)));
}

/** Parses request text. @throws QR_PREFIX, QR_TOO_LONG, REQUEST_INVALID */
export function parseRequest(given: string): PresentationRequest {
  const trimmed = given.trim();
  if (trimmed.length > 500) throw new CodedError('QR_TOO_LONG', 'the request is too long');
  if (!trimmed.startsWith(PREFIX)) {
    throw new CodedError('QR_PREFIX', 'not a request: it does not begin with ZLQ1:');
  }
  try {
    return decodeRequest(decodeBase45(trimmed.slice(PREFIX.length)));
  } catch (cause) {
    if (!isCodedError(cause)) throw cause;
    throw new CodedError('REQUEST_INVALID', 'the request was mistyped or cut: ask for it again', {
      cause,
    });
  }
}

function decodeRequest(encoded: Uint8Array): PresentationRequest {
  const content = encoded.slice(0, -CHECK_BYTES);
  if (!equals(encoded.slice(-CHECK_BYTES), checkOf(content))) {
    throw new CodedError('REQUEST_INVALID', 'the check does not fit');
  }
  const items = decodeCbor(content, LIMITS);
  if (!Array.isArray(items) || items.length !== 4) {
    throw new CodedError('REQUEST_INVALID', 'not four parts');
  }
  const parts: readonly CborValue[] = items;
  return {
    nonce: bytes(16)(parts[0], 'nonce'),
    audience: text(64)(parts[1], 'audience'),
    act: text(32)(parts[2], 'act'),
    expiresAt: integer(0, 0xffff_ffff)(parts[3], 'expiry'),
  };
}

function checkOf(content: Uint8Array): Uint8Array {
  return sm3.hash(content).slice(0, CHECK_BYTES);
}
