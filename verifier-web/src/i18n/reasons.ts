// SPDX-License-Identifier: Apache-2.0
// What each reason code of a check says to a person (core/src/reasons.ts): one sentence, no blame, no jargon.
import type { ReasonCode } from '@zhenglian/core/reasons';
import type { Words } from './language.ts';

const UNREADABLE: Words = ['二维码内容不合格式，无法读取', 'The code’s content is malformed'];
const BAD_ANSWER: Words = [
  '网关给出的联合答复不可信，已弃用',
  'The co-signed answer from the gateway cannot be trusted and was not used',
];

/** Every reason, in words. */
export const reasonWords: Readonly<Record<ReasonCode, Words>> = {
  OK: ['已核对，无误', 'Checked and correct'],
  NOT_CHECKED: ['前面的检查未通过，未再检查', 'Not checked, because an earlier check did not pass'],
  NO_EVIDENCE: ['手头没有联合签署的依据', 'No co-signed evidence is at hand'],
  EXTENSION_UNKNOWN: [
    '证照带有本程序不认识的扩展',
    'The licence carries an extension this program does not know',
  ],
  SIGNATURE_INVALID: [
    '签名与内容对不上：内容被改动，或并非该机构签发',
    'Signature and content do not match: it was altered, or that authority never signed it',
  ],
  KEY_UNKNOWN: ['没有登记过这把签发密钥', 'The signing key was never registered'],
  KEY_BURNED: [
    '签发密钥已作废，且该证照不在作废前的有效范围内',
    'The signing key is burned and this licence is not among those made before',
  ],
  KEY_WINDOW: ['签发时密钥不在有效期内', 'The key was outside its validity when it signed'],
  AUTHORITY_UNKNOWN: ['颁发机构未获联盟认可', 'The issuing authority is not accredited'],
  AUTHORITY_WITHDRAWN: [
    '颁发机构的资格已被撤销',
    'The issuing authority’s accreditation was withdrawn',
  ],
  SCOPE_TYPE: ['该机构无权颁发这类证照', 'The authority may not issue this type of licence'],
  SCOPE_DIVISION: ['超出该机构的管辖区域', 'Outside the authority’s area'],
  EXPIRED: ['证照已过有效期', 'The licence has expired'],
  NOT_YET_VALID: ['证照尚未到生效日期', 'The licence is not valid yet'],
  EXPIRED_BY_CLOCK: [
    '按本机时钟已过期，但没有新的依据证实时间',
    'Expired by this computer’s clock, but no fresh evidence confirms the time',
  ],
  NOT_YET_BY_CLOCK: [
    '按本机时钟尚未生效，但没有新的依据证实时间',
    'Not yet valid by this computer’s clock, but no fresh evidence confirms the time',
  ],
  ANCHOR_PENDING: ['已签发，等待上链存证', 'Signed, waiting for its anchor on the ledger'],
  ANCHOR_OVERDUE: [
    '已签发，但过了期限仍未上链存证',
    'Signed, but still not anchored on the ledger after it was due',
  ],
  ANCHOR_COVERED: ['在链上存证的范围内', 'Within the range anchored on the ledger'],
  ANCHOR_PROVEN: ['已证明在链上存证', 'Proven to be anchored on the ledger'],
  ANCHOR_NOT_COVERED: [
    '比手头的链上依据更新，尚不能确认',
    'Newer than the evidence at hand, so not confirmed yet',
  ],
  ANCHOR_UNPROVEN: [
    '缺少链上存证的证明，而该事项要求证明',
    'This act demands proof of the anchor, and there is none',
  ],
  ANCHOR_PROOF_BAD: ['网关给出的存证证明不成立', 'The gateway’s proof of the anchor does not hold'],
  COPY_TOO_LONG: [
    '副本有效期超过该类证照允许的期限',
    'The copy is valid for longer than its type allows',
  ],
  ANCHOR_MISMATCH: [
    '与链上批次的密钥或类型不符',
    'Key or type differ from those of the batch on the ledger',
  ],
  ANCHOR_OTHER: [
    '链上该位置存证的是另一份证照，这一份从未上链',
    'Another licence is anchored in this place; this one never was',
  ],
  REVOKED: ['颁发机构已吊销、注销该证照', 'The authority has revoked this licence'],
  SUSPENDED: ['颁发机构已暂停该证照', 'The authority has suspended this licence'],
  SUPERSEDED: ['已换发新证，本证作废', 'Replaced by a newer issue of the same licence'],
  HOLDER_DOCUMENT: [
    '纸质或打印件：未证明由本人出示',
    'A printed document: it does not prove who shows it',
  ],
  HOLDER_RECENT: ['持证人一分钟内用密钥签过', 'The holder’s key signed it within the last minute'],
  HOLDER_CHALLENGED: [
    '持证人当场应答了本窗口的请求',
    'The holder answered this counter’s own request',
  ],
  HOLDER_PROOF_MISSING: [
    '手机证照缺少持证人的当场签名，可能是截屏',
    'A device copy without the holder’s proof: it may be a screenshot',
  ],
  HOLDER_PROOF_INVALID: [
    '持证人签名不成立：二维码被改动，或应答的是另一个请求',
    'The holder’s proof does not hold: the code was altered, or it answers another request',
  ],
  HOLDER_PROOF_OLD: ['持证人签名已超过时限', 'The holder’s proof is too old'],
  HOLDER_LEVEL: [
    '该事项要求持证人当场应答，目前的出示方式不够',
    'This act demands a stronger proof of the holder than was shown',
  ],
  PRESENTATION_REPLAYED: [
    '同一次出示已经用过，可能是翻拍',
    'This very presentation was used before: it may be a copy',
  ],
  REQUEST_EXPIRED: ['亮证请求已过时限', 'The request has expired'],
  REQUEST_OTHER_ACT: [
    '应答的是为另一个事项发出的请求',
    'It answers a request that was made for another act',
  ],
  POLICY_UNKNOWN: ['没有该事项的核验规定', 'There is no policy for this act'],
  BUNDLE_STALE: ['信任清单太旧，不符合该事项要求', 'The trust bundle is too old for this act'],
  STATUS_STALE: ['证照状态太旧，不符合该事项要求', 'The status is too old for this act'],
  CLOCK_BEHIND: ['本机时钟慢了，请校准', 'This computer’s clock is slow: set it right'],
  QR_PREFIX: ['这不是证照二维码', 'This is not a licence code'],
  QR_TOO_LONG: ['二维码内容过长', 'The code’s content is too long'],
  QR_BASE45: ['二维码内容有误码', 'The code holds characters that do not belong there'],
  WIRE_SHAPE: UNREADABLE,
  WIRE_MASK: UNREADABLE,
  WIRE_PROOF: UNREADABLE,
  WIRE_VALUE: ['有一项内容不符合该类证照的规定', 'A field does not fit its kind'],
  COSE_SHAPE: UNREADABLE,
  REQUEST_INVALID: ['亮证请求有误', 'The request is malformed'],
  TYPE_UNKNOWN: [
    '手头没有这类证照(或这个版本)的定义',
    'The definition of this type or version is not at hand',
  ],
  TYPE_INVALID: ['该类证照的定义有误', 'The definition of this type is malformed'],
  FIELD_INVALID: ['有一项内容不合规定', 'A field is not as it must be'],
  KEY_INVALID: ['密钥格式有误', 'The key is malformed'],
  CLAIM_CODE_INVALID: ['领取码有误', 'The claim code is malformed'],
  ENCODING_INVALID: UNREADABLE,
  CBOR_TOO_LARGE: UNREADABLE,
  CBOR_TOO_DEEP: UNREADABLE,
  CBOR_MALFORMED: UNREADABLE,
  CBOR_NOT_CANONICAL: UNREADABLE,
  CBOR_TYPE: UNREADABLE,
  CBOR_UTF8: UNREADABLE,
  CBOR_TRAILING: UNREADABLE,
  SHAPE_INVALID: UNREADABLE,
  CERTIFICATE_INVALID: BAD_ANSWER,
  ANSWER_SHAPE: BAD_ANSWER,
  ANSWER_QUESTION: ['网关答复的不是所问的问题', 'The gateway answered another question'],
  ANSWER_STATUS: BAD_ANSWER,
  ANSWER_WRITES: BAD_ANSWER,
  ANSWER_ENDORSER: ['联合签署者身份不明', 'A co-signer is not who it says'],
  ANSWER_SIGNATURE: ['联合签名不成立', 'A co-signature does not hold'],
  ANSWER_FEW: ['联合签署的成员太少', 'Too few organisations co-signed the answer'],
  ANSWER_NONCE: ['网关给出的是旧答复', 'The gateway gave an old answer'],
  ANSWER_NETWORK: ['答复来自另一个网络', 'The answer comes from another network'],
  ANSWER_OLDER: ['答复比以前见过的更旧，已弃用', 'The answer is older than one seen before'],
};
