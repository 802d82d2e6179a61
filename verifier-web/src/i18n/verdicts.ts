// SPDX-License-Identifier: Apache-2.0
// Verdicts, checks and their outcomes in words.
import type { ReasonCode } from '@zhenglian/core/reasons';
import type { HolderLevel } from '@zhenglian/core/possession';
import type { CheckName, CheckResult, Outcome, Verdict } from '@zhenglian/core/report';
import type { Words } from './language.ts';
import { reasonWords } from './reasons.ts';

export const verdictWords: Readonly<Record<Verdict, Words>> = {
  VALID: ['有效', 'Valid'],
  REVOKED: ['已吊销', 'Revoked'],
  SUSPENDED: ['已暂停', 'Suspended'],
  INVALID: ['无效', 'Not valid'],
  UNDETERMINED: ['无法判定', 'Cannot tell'],
};

export const checkWords: Readonly<Record<CheckName, Words>> = {
  format: ['格式', 'Format'],
  signature: ['签名', 'Signature'],
  authority: ['颁发机构', 'Authority'],
  key: ['签发密钥', 'Signing key'],
  scope: ['职权范围', 'Scope'],
  validity: ['有效期', 'Validity'],
  anchor: ['上链存证', 'Anchor'],
  status: ['证照状态', 'Status'],
  holder: ['持证人', 'Holder'],
  freshness: ['依据时效', 'Freshness'],
};

export const outcomeWords: Readonly<Record<Outcome, Words>> = {
  pass: ['通过', 'Passed'],
  fail: ['未通过', 'Failed'],
  unknown: ['未知', 'Unknown'],
};

export const holderWords: Readonly<Record<HolderLevel, Words>> = {
  document: ['打印件', 'Printed document'],
  recent: ['手机出示', 'Shown by phone'],
  challenged: ['当场应答', 'Answered this request'],
};

/** A check's reason in words; two reasons read otherwise where the check passed in spite of them. */
export function reasonOf(check: CheckResult): Words {
  const passed = check.outcome === 'pass' ? PASSED_ALTHOUGH[check.reason] : undefined;
  return passed ?? reasonWords[check.reason];
}

const PASSED_ALTHOUGH: Readonly<Partial<Record<ReasonCode, Words>>> = {
  KEY_BURNED: [
    '密钥后来作废，但该证照在作废之前签发',
    'The key was burned later; this licence was made before',
  ],
  AUTHORITY_WITHDRAWN: [
    '机构资格后来被撤销，但该证照在撤销之前签发',
    'The accreditation was withdrawn later; this licence was made before',
  ],
};
