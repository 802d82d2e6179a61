// SPDX-License-Identifier: Apache-2.0
// May a rule of recognition be submitted, and is it in force? (docs/ledger.md §5)
import { equals } from '@zhenglian/core/bytes';
import { encodeCbor } from '@zhenglian/core/cbor';
import type { CborValue } from '@zhenglian/core/cbor';
import type { AuthorityKey } from '@zhenglian/core/records/key';
import type { Organisation } from '@zhenglian/core/records/organisation';
import { parseRecognitionRule } from '@zhenglian/core/records/rule';
import type { RecognitionRule, RuleRecord, RuleSubmission } from '@zhenglian/core/records/rule';
import { verifyFor } from '@zhenglian/core/signing';
import { demand, refuseAs } from '../refusal.ts';

type RuleContent = Omit<RuleRecord, 'rev' | 'at'>;

const MAX_RULE_BYTES = 16_384;

/** A rule that makes sense by itself. @throws RULE_INVALID */
export function decideRule(value: CborValue): RecognitionRule {
  const rule = refuseAs('RULE_INVALID', () => parseRecognitionRule(value));
  // As deep as it will stand in every trust bundle: one rule must not make the bundle unreadable.
  const size = refuseAs('RULE_INVALID', () => encodeCbor({ rules: [{ rule: value }] })).length;
  demand(size <= MAX_RULE_BYTES, 'RULE_INVALID', 'the rule is too long');
  demand(rule.from !== rule.to, 'RULE_INVALID', 'a province needs no rule with itself');
  demand(rule.notBefore <= rule.notAfter, 'RULE_INVALID', 'it ends before it begins');
  return rule;
}

/** The caller is one of two admitted provinces. @throws ACCESS_DENIED, RULE_INVALID */
export function decideParties(
  caller: string,
  { from, to }: Pick<RecognitionRule, 'from' | 'to'>,
  organisations: readonly (Organisation | undefined)[],
): void {
  demand(caller === from || caller === to, 'ACCESS_DENIED', 'the rule is between others');
  demand(
    organisations.every((o) => o?.kind === 'province' && o.status === 'admitted'),
    'RULE_INVALID',
    'a rule is between two provinces of this network',
  );
}

/** The submission was signed by this key. @throws SIGNATURE_INVALID */
export function decideRuleSignature(
  submission: RuleSubmission,
  key: AuthorityKey,
  networkId: Uint8Array,
): void {
  const { hash: payload, signature } = submission;
  const { publicKey } = key;
  demand(
    verifyFor({ purpose: 'rule', networkId, publicKey, payload, signature }),
    'SIGNATURE_INVALID',
    'the key has not signed this rule',
  );
}

/** The record after a submission: the rule is in force when both stand by one hash; until then the old one is. */
export function decideSubmission(
  existing: RuleRecord | undefined,
  caller: string,
  rule: RecognitionRule,
  submission: RuleSubmission,
): RuleContent {
  const { from, to, type } = rule;
  const submissions = new Map(existing?.submissions).set(caller, submission);
  const other = submissions.get(caller === from ? to : from);
  const inForce =
    other !== undefined && equals(other.hash, submission.hash) ? rule : existing?.rule;
  return { from, to, type, submissions, ...(inForce === undefined ? {} : { rule: inForce }) };
}

/** The record after a withdrawal by either: nothing is in force, and both must submit again. */
export function decideWithdrawal({ from, to, type }: RuleRecord): RuleContent {
  return { from, to, type, submissions: new Map() };
}
