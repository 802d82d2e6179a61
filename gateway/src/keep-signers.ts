// SPDX-License-Identifier: Apache-2.0
// Keeps each authority's signer usable: prepared when first wanted, replaced when the bundle says its key is burned
// or its window is over.
import { equals, toHex } from '@zhenglian/core/bytes';
import { prepareSigner } from './authority-keys.ts';
import type { KeyParts } from './authority-keys.ts';
import type { IssuingAuthority } from './config.ts';
import type { Log } from './log.ts';
import { gatewayError } from './problem-codes.ts';
import type { Replica } from './replica/replica.ts';
import { createSigners } from './signer.ts';
import type { AuthoritySigner, Signers } from './signer.ts';
import type { Trace } from './trace/trace.ts';

export interface KeepParts extends KeyParts {
  readonly authorities: readonly IssuingAuthority[];
  readonly replica: Pick<Replica, 'trustBundle'>;
  readonly trace: Pick<Trace, 'append'>;
  readonly log: Log;
}

/** Signers, and the way to have one that works. */
export interface KeptSigners extends Signers {
  /** @throws the ledger's codes, while the authority is not accredited or the ledger away */
  ready(uscc: string): Promise<AuthoritySigner>;
}

/** Keeps the signers of these authorities. */
export function keepSigners(parts: KeepParts): KeptSigners {
  const signers = createSigners();
  const preparing = new Map<string, Promise<AuthoritySigner>>();
  const prepare = async (uscc: string): Promise<AuthoritySigner> => {
    const authority = parts.authorities.find((candidate) => candidate.uscc === uscc);
    if (authority === undefined) {
      throw gatewayError('TYPE_NOT_ISSUED', 'this gateway does not sign for the authority');
    }
    const signer = await prepareSigner(parts, authority);
    const kid = toHex(signer.kid);
    parts.log.info('key ready', { authority: uscc, kid });
    await parts.trace.append({
      kind: 'key',
      actor: 'gateway',
      subject: null,
      outcome: 'done',
      detail: { kid },
    });
    signers.add(signer);
    return signer;
  };
  return {
    ...signers,
    async ready(uscc) {
      const known = signers.forAuthority(uscc);
      if (known !== undefined && !hasEnded(parts, known)) return known;
      // Two who ask at once get one key.
      const begun = preparing.get(uscc);
      if (begun !== undefined) return begun;
      const prepared = prepare(uscc).finally(() => preparing.delete(uscc));
      preparing.set(uscc, prepared);
      return prepared;
    },
  };
}

function hasEnded(parts: KeepParts, signer: AuthoritySigner): boolean {
  const { bundle } = parts.replica.trustBundle();
  const key = bundle.keys.find(({ kid }) => equals(kid, signer.kid));
  return key !== undefined && (key.burned !== undefined || key.notAfter <= parts.clock());
}
