// SPDX-License-Identifier: Apache-2.0
// The title of every problem, in Chinese and English: one table, closed by the type of its keys. A code is added here
// where it is added to `problem-codes.ts`.
import type { ProblemCode } from './problem-codes.ts';

/** Languages that problems are told in. */
export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The title of a code. */
export function titleOf(code: ProblemCode, language: Language): string {
  const [zh, en] = WORDS[code];
  return language === 'zh' ? zh : en;
}

const WORDS: Readonly<Record<ProblemCode, readonly [zh: string, en: string]>> = {
  TOKEN_INVALID: ['需要有效的令牌', 'A valid token is needed'],
  ROLE_DENIED: ['您的角色无权办理此事', 'This is for another role'],
  SCOPE_DENIED: ['此证照或类型不在您的权限范围内', 'Outside the scope of the account'],
  READ_ONLY: ['本网关不签发证照', 'This gateway issues no licences'],
  PURPOSE_REQUIRED: ['请注明用途代码', 'A purpose code is needed'],
  IDEMPOTENCY_KEY: ['幂等键格式不正确', 'The idempotency key has another form'],
  IDEMPOTENCY_MISMATCH: ['此幂等键已用于另一请求', 'This key was used for another request'],
  VERSION_CHANGED: [
    '证照已被他人更改，请重新读取',
    'It has changed since it was read: read it again',
  ],
  RATE_LIMITED: ['请求过于频繁，请稍后再试', 'Too many requests: try again later'],
  ROUTE_UNKNOWN: ['没有这个地址', 'There is nothing here'],
  METHOD_UNKNOWN: ['不支持此请求方法', 'This method is not answered here'],
  REQUEST_MALFORMED: ['请求格式不正确', 'This is no proper request'],
  REQUEST_TIMEOUT: ['请求超时', 'The request took too long'],
  HEADERS_TOO_LARGE: ['请求头过大', 'The header is too large'],
  BODY_TOO_LARGE: ['请求内容过大', 'The body is too large'],
  BODY_MALFORMED: ['请求内容不是有效的 JSON', 'The body is not JSON, or ended early'],
  MEDIA_TYPE: ['不支持此内容类型或编码', 'This type or encoding of a body is not taken'],
  REQUEST_INVALID: ['请求内容不符合要求', 'The request does not fit its schema'],
  STORAGE_FULL: ['存储空间已满', 'The disk is full'],
  INTERNAL: ['服务内部出错', 'Something went wrong here'],
  CONFIG_INVALID: ['设置不正确', 'The settings are wrong'],
  STORE_CORRUPT: ['存储的数据无法读取', 'A stored value does not open'],
  LICENCE_EXISTS: ['该主体已有有效的同类证照', 'This subject has a living licence of this type'],
  LICENCE_UNKNOWN: ['没有这份证照', 'There is no such licence'],
  LICENCE_NOT_LIVING: ['证照不在有效状态', 'The licence is not in force'],
  NOT_ANCHORED: ['证照尚未上链存证', 'It is not anchored yet'],
  SET_UNKNOWN: ['此类型没有这个展示项组合', 'The type has no such set'],
  TYPE_NOT_ISSUED: ['本网关不签发此类证照', 'No authority here issues this type'],
  IMPORT_COLUMNS: ['文件的列不正确', 'The columns are not those of the type'],
  IMPORT_TOO_LARGE: ['文件过大', 'The file is too large'],
  IMPORT_ENCODING: ['文件的字符编码不正确', 'The encoding of the file is not understood'],
  IMPORT_MALFORMED: ['文件已损坏或格式不正确', 'The file is damaged or of another form'],
  IMPORT_STATE: ['导入当前的状态不能这样操作', 'The state of the import does not allow it'],
  UPLOAD_UNKNOWN: ['没有这次上传', 'There is no such upload'],
  UPLOAD_OFFSET: ['上传的起始位置不正确', 'The part begins at another place'],
  UPLOAD_DIGEST: ['上传内容的摘要不符', 'The digest is another one'],
  UPLOAD_INCOMPLETE: ['上传尚未完成', 'The upload is not complete'],
  APPROVAL_NEEDED: ['此类证照须由两名工作人员办理', 'Two officers are needed for this type'],
  OWN_APPROVAL: ['不能审批自己准备的内容', 'Another officer must approve it'],
  SIGNER_UNAVAILABLE: ['签名服务暂时无法访问', 'The signer does not answer'],
  SIGNER_LIMIT: ['已达到签名服务的限额', 'A limit of the signer is reached'],
  SIGNER_KEY_UNKNOWN: ['签名服务没有此密钥', 'The signer has no such key'],
  SIGNER_KEYS: ['签名密钥无法读取', 'The keys of the signer do not open'],
  IMPORT_UNKNOWN: ['没有这次导入', 'There is no such import'],
  CLAIM_CODE_UNKNOWN: ['领取码不存在', 'There is no such claim code'],
  CLAIM_CODE_SPENT: ['领取码已使用', 'The claim code is spent'],
  CLAIM_CODE_EXPIRED: ['领取码已过期', 'The claim code has expired'],
  CLAIM_TRIES: ['尝试次数过多', 'Too many tries'],
  CLAIM_PROOF: ['持有证明不正确', 'The proof of the holder key does not hold'],
  ANCHOR_WAIT: ['正在等待上链，请稍后重试', 'It waits for its anchor: ask again'],
  COPY_UNKNOWN: ['没有这份副本', 'There is no such copy'],
  REQUEST_SPENT: ['亮证请求已使用或已过期', 'The request was used, or is out of time'],
  REQUEST_UNKNOWN: ['没有这个亮证请求', 'There is no such request'],
  FIELD_INVALID: ['填写的内容有误', 'A field is wrong'],
  TYPE_UNKNOWN: ['没有这个证照类型', 'There is no such type'],
  CLAIM_CODE_INVALID: ['领取码格式不正确', 'This is no claim code'],
  STATUS_TRANSITION: ['当前状态不能这样变更', 'The state cannot change so'],
  LEDGER_UNAVAILABLE: ['账本暂时无法访问', 'The ledger is not reached'],
  LEDGER_REFUSED: ['账本拒绝了此操作', 'The ledger refused'],
  ENDORSEMENT_MISMATCH: ['各方背书结果不一致', 'The endorsements differ'],
  MVCC_CONFLICT: ['与另一笔交易冲突，请重试', 'Another transaction was faster: try again'],
  PHANTOM_CONFLICT: ['与另一笔交易冲突，请重试', 'Another transaction was faster: try again'],
  COMMIT_INVALID: ['交易未被接受', 'The transaction was not valid'],
  COMMIT_UNKNOWN: ['交易结果未知，将自动完成', 'The outcome is not known yet: ask again'],
  KEY_BURNED: ['签发密钥已作废', 'The key is burned'],
  KEY_WINDOW: ['签发密钥不在有效期内', 'The key is outside its time'],
  STATUS_ORDER: ['状态变更的顺序不正确', 'Status changes are out of order'],
  INDEX_NOT_ANCHORED: ['该副本尚未上链', 'The copy is not anchored'],
  AUTHORITY_WITHDRAWN: ['颁发机构已被撤销资格', 'The authority was withdrawn'],
};
