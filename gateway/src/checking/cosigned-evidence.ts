// SPDX-License-Identifier: Apache-2.0
// Co-signed answers for counters that check for themselves (docs/ledger.md §8). An answer to a nonce is asked for anew;
// without one it may be a few seconds old, so that many counters cost the peers one question.
import type { Ledger } from '@zhenglian/network/ledger';
import { encodeAnswer, leastEndorsers } from '@zhenglian/core/cosigned-answer';
import type { CosignedAnswer } from '@zhenglian/core/cosigned-answer';
import { encodeCbor } from '@zhenglian/core/cbor';
import { isCodedError } from '@zhenglian/core/errors';
import { provinceChaincode } from '@zhenglian/core/records/record-key';
import type { TrustBundle } from '@zhenglian/core/records/trust-bundle';
import { foundingOf } from '@zhenglian/core/trust';
import type { Call } from '@zhenglian/network/ledger';
import type { Clock } from '../context.ts';
import type { Replica } from '../replica/replica.ts';

/** Asks for co-signed answers; what it gives are bytes of `encodeAnswer`. */
export interface CosignedEvidence {
  trustBundle(nonce?: Uint8Array): Promise<Uint8Array>;
  /** Undefined when the province has no such epoch. */
  epoch(
    of: { readonly msp: string; readonly uscc: string; readonly epoch: number },
    nonce?: Uint8Array,
  ): Promise<Uint8Array | undefined>;
}

interface Kept {
  readonly at: number;
  readonly answer: Promise<Uint8Array>;
}

const KEPT_SECONDS = 5;
const MOST_KEPT = 256;
/** Peers that are a block apart answer differently: ask again. */
const ATTEMPTS = 3;

/** Evidence of a ledger. */
export function askCosigned(parts: {
  readonly ledger: Ledger;
  readonly replica: Pick<Replica, 'trustBundle'>;
  readonly clock: Clock;
  /** Told of every answer; keeps what contradicts the others. */
  readonly keepDissent: (answer: CosignedAnswer) => Promise<void>;
}): CosignedEvidence {
  const { ledger, replica, clock, keepDissent } = parts;
  const kept = new Map<string, Kept>();
  const ask = async (call: Call) => {
    const least = leastOf(replica.trustBundle().bundle);
    let answer: CosignedAnswer | undefined;
    for (let left = ATTEMPTS; left > 0; left -= 1) {
      answer = await ledger.evaluateCosigned(call);
      if (answer.endorsements.length >= least) break;
    }
    if (answer === undefined) throw new TypeError('unreachable: it was asked at least once');
    await keepDissent(answer);
    return encodeAnswer(answer);
  };
  const recent = (name: string, call: Call): Promise<Uint8Array> => {
    const now = clock();
    const held = kept.get(name);
    if (held !== undefined && now - held.at < KEPT_SECONDS) return held.answer;
    const answer = ask(call);
    kept.delete(name);
    kept.set(name, { at: now, answer });
    answer.catch(() => kept.delete(name));
    const oldest = kept.keys().next();
    if (kept.size > MOST_KEPT && oldest.done !== true) kept.delete(oldest.value);
    return answer;
  };
  return {
    trustBundle(nonce) {
      const call = callOf('zl', 'TrustBundle', { nonce });
      return nonce === undefined ? recent('bundle', call) : ask(call);
    },
    async epoch({ msp, uscc, epoch }, nonce) {
      const call = callOf(provinceChaincode(msp), 'EpochEvidence', { uscc, epoch, nonce });
      const name = `${uscc}/${String(epoch)}`;
      try {
        return await (nonce === undefined ? recent(name, call) : ask(call));
      } catch (error) {
        if (isCodedError(error, 'EPOCH_UNKNOWN')) return undefined;
        throw error;
      }
    },
  };
}

function callOf(
  chaincode: string,
  name: string,
  request: { readonly [key: string]: Uint8Array | string | number | undefined },
): Call {
  return { chaincode, name, request: encodeCbor(request) };
}

function leastOf(bundle: TrustBundle): number {
  const admitted = bundle.organisations.filter((o) => o.status === 'admitted').length;
  return leastEndorsers(foundingOf(bundle).k, admitted);
}
