// SPDX-License-Identifier: Apache-2.0
// Assertions of machine clients: private_key_jwt, RFC 7523 §3; the only place that knows the JOSE library.
// Which algorithms may be used is said here, never by the token.
import { createLocalJWKSet, decodeJwt, errors, jwtVerify } from 'jose';
import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { CodedError } from '@zhenglian/core/errors';
import { gatewayError } from '../problem-codes.ts';

/** What a good assertion says. */
export interface Assertion {
  readonly jti: string;
  readonly expiresAt: number;
}

const timed = z.object({ jti: z.string().min(16).max(128), exp: z.number(), iat: z.number() });
const ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519'];
const LONGEST_SECONDS = 300;
const SKEW_SECONDS = 30;

/** Which client an assertion says it is from; believed only after `checkAssertion`. */
export function clientOfAssertion(assertion: string): string | undefined {
  try {
    const { sub } = decodeJwt(assertion);
    return sub !== undefined && /^[0-9a-f]{32}$/.test(sub) ? sub : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Checks signature, issuer, subject, audience and times.
 * @throws ASSERTION_INVALID; once the signature holds also ASSERTION_AUDIENCE, ASSERTION_EXPIRED
 */
export async function checkAssertion(
  assertion: string,
  expected: {
    readonly client: string;
    readonly keys: string;
    readonly audience: string;
    readonly now: number;
  },
): Promise<Assertion> {
  const { client, audience, now } = expected;
  const keys = JSON.parse(expected.keys) as JSONWebKeySet;
  try {
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(keys), {
      algorithms: ALGORITHMS,
      issuer: client,
      subject: client,
      audience,
      clockTolerance: SKEW_SECONDS,
      requiredClaims: ['exp', 'iat', 'jti'],
      maxTokenAge: LONGEST_SECONDS,
      currentDate: new Date(now * 1000),
    });
    const { jti, exp, iat } = timed.parse(payload);
    if (exp - iat > LONGEST_SECONDS) throw invalid();
    return { jti, expiresAt: exp + SKEW_SECONDS };
  } catch (error) {
    throw wordsFor(error, audience);
  }
}

/** The library's errors as ours. */
function wordsFor(error: unknown, audience: string): Error {
  if (error instanceof CodedError) return error;
  if (error instanceof errors.JWTExpired) {
    return gatewayError('ASSERTION_EXPIRED', 'the assertion has run out: make a new one');
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
    return gatewayError('ASSERTION_AUDIENCE', `aud must be ${audience}`);
  }
  return invalid();
}

/** One answer for unknown clients and for everything wrong with a signature. */
export function invalid() {
  return gatewayError('ASSERTION_INVALID', 'the assertion is none of a client known here');
}
