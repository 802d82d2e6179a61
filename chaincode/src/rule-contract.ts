// SPDX-License-Identifier: Apache-2.0
// SubmitRule and WithdrawRule: recognition that both provinces stand by (docs/ledger.md §5).
import { parseAuthority } from '@zhenglian/core/records/authority';
import { consortiumRequest } from '@zhenglian/core/records/consortium-request';
import { parseAuthorityKey } from '@zhenglian/core/records/key';
import { parseOrganisation } from '@zhenglian/core/records/organisation';
import { recordKey } from '@zhenglian/core/records/record-key';
import { parseRule, ruleHash } from '@zhenglian/core/records/rule';
import type { RecognitionRule } from '@zhenglian/core/records/rule';
import { requireMember } from './access.ts';
import { answer, readRequest } from './call.ts';
import type { Call } from './call.ts';
import { demand } from './refusal.ts';
import { requireAccredited, requireLivingKey } from './rules/key.ts';
import {
  decideParties,
  decideRule,
  decideRuleSignature,
  decideSubmission,
  decideWithdrawal,
} from './rules/recognition.ts';
import { load, loadExisting, save, stamped } from './state.ts';

/** Records one province's word for a rule. Returns the rule's hash. */
export async function submitRule(call: Call): Promise<string> {
  const { state, caller, at } = call;
  const { founding } = await requireMember(state, caller);
  const { rule: value, kid, signature } = readRequest(call, consortiumRequest.SubmitRule);
  const rule = decideRule(value);
  decideParties(caller.msp, rule, await readParties(call, rule));
  const submission = { hash: ruleHash(rule), kid, signature };
  const key = await loadExisting(state, recordKey.key(kid), parseAuthorityKey);
  decideRuleSignature(submission, key, founding.networkId);
  demand(key.msp === caller.msp, 'ACCESS_DENIED', 'the key is of another organisation');
  requireLivingKey(key, key.uscc, at);
  requireAccredited(await loadExisting(state, recordKey.authority(key.uscc), parseAuthority));
  const recordAt = recordKey.rule(rule.from, rule.to, rule.type);
  const existing = await load(state, recordAt, parseRule);
  const decided = decideSubmission(existing, caller.msp, rule, submission);
  await save(state, recordAt, stamped(decided, existing, at));
  return answer(submission.hash);
}

/** Ends a rule; either party may. Returns nothing. */
export async function withdrawRule(call: Call): Promise<string> {
  const { state, caller, at } = call;
  await requireMember(state, caller);
  const { from, to, type } = readRequest(call, consortiumRequest.WithdrawRule);
  const mine = caller.msp === from || caller.msp === to;
  demand(mine, 'ACCESS_DENIED', 'the rule is between others');
  const recordAt = recordKey.rule(from, to, type);
  const existing = await loadExisting(state, recordAt, parseRule);
  await save(state, recordAt, stamped(decideWithdrawal(existing), existing, at));
  return '';
}

async function readParties({ state }: Call, { from, to }: RecognitionRule) {
  return [
    await load(state, recordKey.organisation(from), parseOrganisation),
    await load(state, recordKey.organisation(to), parseOrganisation),
  ];
}
