// SPDX-License-Identifier: Apache-2.0
// A signer's refusals as the gateway tells them: in the trace, in the log, and in `/readyz` until the same is signed again.
import { toHex } from '@zhenglian/core/bytes';
import { isCodedError } from '@zhenglian/core/errors';
import type { CodedError } from '@zhenglian/core/errors';
import type { Clock } from '../context.ts';
import type { Log } from '../log.ts';
import type { AuthoritySigner } from '../signer.ts';
import type { Trace } from '../trace/trace.ts';
import { limitDetail } from './refuse.ts';

export interface RefusalParts {
  readonly trace: Pick<Trace, 'append'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Watches signers. */
export interface Refusals {
  /** The same signer, whose refusals are told. */
  watch(signer: AuthoritySigner): AuthoritySigner;
  troubles(): readonly string[];
}

/** Work that waits asks again and again: told once in so many seconds each. */
const TELL_EVERY = 60;
/** Seconds after which a refusal that nobody met again is forgotten. */
const FORGET_AFTER = 600;

interface Refused {
  readonly at: number;
  readonly toldAt: number;
}

export function watchRefusals({ trace, clock, log }: RefusalParts): Refusals {
  const refused = new Map<string, Refused>();
  const tell = async (signer: AuthoritySigner, count: number, error: CodedError<string>) => {
    const { reason } = limitDetail(error);
    const kid = toHex(signer.kid);
    log.warn('signer refused', { authority: signer.uscc, kid, code: error.code, count });
    await trace.append({
      kind: 'denial',
      purpose: 'issuance',
      actor: 'gateway',
      subject: null,
      outcome: error.code,
      detail: { kid, kind: reason, count },
    });
  };
  return {
    watch: (signer) => ({
      ...signer,
      async sign(contents) {
        const name = `${signer.uscc}/${contents[0]?.purpose ?? ''}`;
        try {
          const signatures = await signer.sign(contents);
          refused.delete(name);
          return signatures;
        } catch (error) {
          if (!isCodedError<string>(error) || error.code !== 'SIGNER_LIMIT') throw error;
          const now = clock();
          const toldAt = refused.get(name)?.toldAt ?? 0;
          const isTold = now - toldAt < TELL_EVERY;
          refused.set(name, { at: now, toldAt: isTold ? toldAt : now });
          if (!isTold) {
            await tell(signer, contents.length, error).catch((cause: unknown) =>
              log.warn('refusal not traced', { error: cause }),
            );
          }
          throw error;
        }
      },
    }),
    troubles() {
      const now = clock();
      const isRecent = [...refused.values()].some(({ at }) => now - at < FORGET_AFTER);
      return isRecent ? ['SIGNER_LIMIT'] : [];
    },
  };
}
