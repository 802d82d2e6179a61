// SPDX-License-Identifier: Apache-2.0
// The recognition rules this province agrees to, from its configuration: signed by one of its authorities and submitted
// to the ledger. A rule is in force once the other province has submitted the very same.
import { equals, toHex } from '@zhenglian/core/bytes';
import { decodeCbor, encodeCbor } from '@zhenglian/core/cbor';
import { parseRule, ruleHash } from '@zhenglian/core/records/rule';
import type { RecognitionRule } from '@zhenglian/core/records/rule';
import { recordKey } from '@zhenglian/core/records/record-key';
import { isCodedError } from '@zhenglian/core/errors';
import { asCbor } from '@zhenglian/core/shape';
import type { Ledger } from '@zhenglian/network/ledger';
import type { IssuingAuthority } from './config.ts';
import { signOne } from './signer.ts';
import type { AuthoritySigner } from './signer.ts';
import type { Trace } from './trace/trace.ts';

export interface RuleDeskParts {
  readonly config: {
    readonly rules: readonly RecognitionRule[];
    readonly authorities: readonly IssuingAuthority[];
  };
  readonly ledger: Ledger;
  readonly networkId: Uint8Array;
  readonly signers: { ready(uscc: string): Promise<Pick<AuthoritySigner, 'kid' | 'sign'>> };
  readonly trace: Pick<Trace, 'append'>;
}

/** Agrees to the configured rules; called again until all are submitted, since the ledger or a key may not be there yet. */
export function openRuleDesk(parts: RuleDeskParts): { agree(): Promise<void> } {
  const { msp } = parts.ledger;
  const open = new Set(parts.config.rules.filter(({ from, to }) => from === msp || to === msp));
  return {
    async agree() {
      for (const rule of open) {
        await submitOnce(parts, rule);
        open.delete(rule);
      }
    },
  };
}

async function submitOnce(
  { config, ledger, networkId, signers, trace }: RuleDeskParts,
  rule: RecognitionRule,
): Promise<void> {
  const payload = ruleHash(rule);
  const [authority] = config.authorities;
  if (authority === undefined || (await hasSubmitted(ledger, rule, payload))) return;
  const signer = await signers.ready(authority.uscc);
  const signature = await signOne(signer, { purpose: 'rule', networkId, payload });
  const request = { rule: asCbor(rule), kid: signer.kid, signature };
  const call = { chaincode: 'zl', name: 'SubmitRule', request: encodeCbor(request) };
  const { transactionId, blockNumber } = await ledger.submit(call);
  const { from, to, type } = rule;
  const detail = { from, to, type, rule: toHex(payload), transactionId, blockNumber };
  await trace.append({
    kind: 'rule',
    purpose: 'administration',
    actor: 'gateway',
    subject: null,
    outcome: 'done',
    detail,
  });
}

async function hasSubmitted(
  ledger: Ledger,
  rule: RecognitionRule,
  hash: Uint8Array,
): Promise<boolean> {
  const request = encodeCbor({ key: recordKey.rule(rule.from, rule.to, rule.type) });
  try {
    const bytes = await ledger.evaluate({ chaincode: 'zl', name: 'Record', request });
    const submitted = parseRule(decodeCbor(bytes)).submissions.get(ledger.msp);
    return submitted !== undefined && equals(submitted.hash, hash);
  } catch (error) {
    if (isCodedError(error, 'NOT_FOUND')) return false;
    throw error;
  }
}
