// SPDX-License-Identifier: Apache-2.0
// A wallet checks what it is given as a counter will: its own key inside, the authority's signature under the trust
// bundle that provinces co-signed, key, scope and days (docs/credential-format.md §9, all that needs no status).
import { assess } from '@zhenglian/core/assess';
import { equals } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import { decodeCopy } from '@zhenglian/core/copy';
import { isCodedError } from '@zhenglian/core/errors';
import type { Copy } from '@zhenglian/core/copy';
import { provePossession } from '@zhenglian/core/possession';
import { presentSlots } from '@zhenglian/core/presentation';
import { asCbor } from '@zhenglian/core/shape';
import type { Signer } from '@zhenglian/core/signing';
import { readTrustBundle } from '@zhenglian/core/trust';
import type { TrustFacts } from '@zhenglian/core/trust';
import { formatWire } from '@zhenglian/core/wire';
import type { ClaimAnswer } from './gateway-answers.ts';
import type { GatewayClient } from './gateway-client.ts';
import type { NetworkPin } from './network-pin.ts';
import { isWalletError, walletError } from './wallet-error.ts';

/** What a received copy is checked against; without `trust` only what needs none. */
export interface CheckContext {
  readonly networkId: Uint8Array;
  readonly trust: TrustFacts | undefined;
  readonly now: number;
}

/**
 * A fresh trust bundle of the pinned network, or undefined when the gateway has none to give now. One that is not
 * co-signed, foreign or older than seen is refused, not passed over.
 * @throws ANSWER_*, GATEWAY_ANSWER
 */
export async function fetchTrust(
  gateway: GatewayClient,
  pin: NetworkPin,
  nonce: Uint8Array,
): Promise<TrustFacts | undefined> {
  try {
    const answer = await gateway.trustBundle(nonce);
    return readTrustBundle(answer, {
      networkId: pin.networkId,
      nonce,
      leastVersion: pin.bundleVersion,
    });
  } catch (error) {
    if (isWalletError(error, 'GATEWAY_UNREACHABLE', 'GATEWAY_REFUSED')) return undefined;
    throw error;
  }
}

/** Checks a received copy. @throws COPY_REFUSED, whose detail says which check failed and why */
export function checkCopy(
  encoded: Uint8Array,
  answer: ClaimAnswer,
  holder: Signer,
  context: CheckContext,
): Copy {
  const copy = open(encoded);
  const { type } = answer;
  demand(equals(answer.networkId, context.networkId), 'signature', 'ANSWER_NETWORK');
  const isOurs = copy.holderKey !== null && equals(copy.holderKey, holder.publicKey);
  demand(isOurs, 'holder', 'HOLDER_PROOF_INVALID');
  const isOfType = copy.typeNumber === type.number && copy.typeVersion === type.version;
  demand(isOfType, 'format', 'TYPE_UNKNOWN');
  const presentation = presentSubject(copy, answer, holder, context);
  if (context.trust !== undefined) {
    checkDefinition(answer, context.trust);
    checkAsCounter(presentation, answer, context.trust, context);
  }
  return copy;
}

function checkAsCounter(
  presentation: string,
  answer: ClaimAnswer,
  trust: TrustFacts,
  { networkId, now }: CheckContext,
): void {
  const report = assess(presentation, { trust }, { networkId, act: 'general' }, now);
  const failed = report.checks.find((check) => check.outcome === 'fail');
  if (failed !== undefined) demand(false, failed.name, failed.reason);
  for (const name of ['signature', 'authority', 'key', 'scope', 'holder'] as const) {
    const check = report.checks.find((each) => each.name === name);
    demand(check?.outcome === 'pass', name, check?.reason ?? 'NOT_CHECKED');
  }
  const isNamed = report.licence?.issuer?.uscc === answer.issuer.uscc;
  demand(isNamed, 'authority', 'AUTHORITY_UNKNOWN');
}

/** The type the gateway sends is the one that was voted, to the byte: labels and sets too. */
function checkDefinition(answer: ClaimAnswer, trust: TrustFacts): void {
  const isVoted = trust.bundle.types.some(({ definition }) =>
    equals(encodeCbor(asCbor(definition)), answer.definition),
  );
  demand(isVoted, 'format', 'TYPE_UNKNOWN');
}

/** A presentation to nobody, of the least a counter could ask. */
function presentSubject(
  copy: Copy,
  { type }: ClaimAnswer,
  holder: Signer,
  { networkId, now }: CheckContext,
): string {
  try {
    const wire = presentSlots(copy, type, [type.subject]);
    return formatWire(provePossession(wire, holder, { networkId, at: now }));
  } catch (cause) {
    throw refused('format', 'WIRE_VALUE', cause);
  }
}

function open(encoded: Uint8Array): Copy {
  try {
    return decodeCopy(encoded);
  } catch (cause) {
    if (!isCodedError(cause)) throw cause;
    throw refused('format', cause.code, cause);
  }
}

function demand(holds: boolean, check: string, reason: string): void {
  if (!holds) throw refused(check, reason);
}

function refused(check: string, reason: string, cause?: unknown): Error {
  return walletError('COPY_REFUSED', `${check}: ${reason}`, { cause, detail: { check, reason } });
}
