// SPDX-License-Identifier: Apache-2.0
// Texts of the regulator's page.
import type { Words } from './language.ts';

export const regulator = {
  title: ['监管追溯', 'Oversight'],
  counts: ['账本概况', 'The ledger'],
  height: ['区块', 'Blocks'],
  organisations: ['成员', 'Members'],
  authorities: ['颁发机构', 'Authorities'],
  keys: ['签发密钥', 'Keys'],
  epochs: ['状态段', 'Epochs'],
  batches: ['存证批次', 'Batches'],
  statuses: ['状态变更', 'Status changes'],
  trace: ['追溯一份证照', 'Trace one licence'],
  traceWhy: [
    '输入证照的系统编号（签发台的证照页上可查，32 位十六进制）。各省的每一步操作按时间列出，并说明证明是否成立。',
    'Enter the handle of a licence (32 hex characters; the issuing desk shows it with each licence): every step in every province, in order of time, and whether its proof holds.',
  ],
  handle: ['证照的系统编号', 'Handle of the licence'],
  handleWrong: ['系统编号应为 32 位十六进制字符', 'A handle has 32 hexadecimal characters'],
  show: ['追溯', 'Trace'],
  nothing: ['没有记录', 'No records'],
  proven: ['证明成立：记录与账本上的根一致', 'Proven: the records match the roots on the ledger'],
  pending: ['部分记录尚未上链', 'Some records are not anchored yet'],
  BROKEN: ['证明不成立：记录被改动或缺失', 'BROKEN: records were altered or are missing'],
  own: [
    '本省记录，未与监管副本比对',
    'This gateway’s own records, not compared with another replica',
  ],
  provinces: ['各省记录与证明', 'Records and proofs by province'],
  listedRecords: ['已列出 {n} 条记录', '{n} records listed'],
  story: ['经过', 'What happened'],
  entries: ['{n} 条记录', '{n} records'],
  times: ['{n} 次', '{n} times'],
  since: ['{from} 至 {to}', '{from} to {to}'],
  showAll: ['显示其余 {n} 项', 'Show {n} more'],
  copiesOf: ['{n} 份副本', '{n} copies'],
  oneCopy: ['仅一份副本', 'one copy only'],
  lookUpFull: ['查看完整内容', 'Looked up with full values'],
  listed: ['查看导入所签发的证照', 'Licences of an import listed'],
  forAct: ['事项：{act}', 'for {act}'],
  forPurpose: ['用途：{purpose}', 'purpose: {purpose}'],
  fromTo: ['{from} → {to}', '{from} → {to}'],
  entryProven: ['已上链', 'On the ledger'],
  entryPending: ['等待上链', 'Waiting for the ledger'],
  ledger: ['账本上的记录', 'Records on the ledger'],
  block: ['区块 {n}', 'block {n}'],
  technical: ['证明与技术细节', 'Proof and details'],
  copies: ['副本', 'Copies'],
  transaction: ['账本交易', 'Transaction'],
  root: ['根', 'Root'],
  hash: ['记录摘要', 'Hash of the entry'],
  subject: ['对象', 'About'],
  number: ['序号', 'Number'],
  age: ['副本数据距今 {age}', 'The replica is {age} old'],
  noTrail: ['未能取得：{what}', 'could not be had: {what}'],
} as const satisfies Record<string, Words>;

export const COUNTS = [
  'height',
  'organisations',
  'authorities',
  'keys',
  'epochs',
  'batches',
  'statuses',
] as const;

/** Kinds of trail entries (gateway) and of ledger records; a kind not listed is shown by its name. */
export const kindWords: Readonly<Record<string, Words>> = {
  issue: ['签发证照', 'Issued'],
  import: ['批量导入', 'Imported'],
  anchor: ['上链存证', 'Anchored on the ledger'],
  'claim-code': ['发放领取码', 'Claim code handed out'],
  claim: ['领取到手机', 'Claimed into a wallet'],
  renewal: ['手机副本续期', 'Device copy renewed'],
  status: ['状态变更', 'Status changed'],
  reissue: ['更正换发', 'Corrected and reissued'],
  print: ['打印卡片', 'Card printed'],
  'look-up': ['查看证照', 'Looked up'],
  search: ['查询', 'Searched'],
  evidence: ['窗口调取核验依据', 'A counter asked for evidence'],
  verification: ['窗口核验', 'Checked at a counter'],
  recognition: ['办理跨省互认', 'Asked for recognition'],
  trail: ['监管部门查阅追溯记录', 'Trail read by the regulator'],
  key: ['签发密钥', 'Signing key'],
  vote: ['表决', 'Vote'],
  rule: ['互认规则', 'Recognition rule'],
  denial: ['拒绝', 'Denied'],
  batch: ['存证批次上链', 'Batch anchored'],
};

/** Who acted. */
export const actorWords: Readonly<Record<string, Words>> = {
  officer: ['签发人员', 'Officer'],
  clerk: ['窗口人员', 'Clerk'],
  regulator: ['监管人员', 'Regulator'],
  approver: ['审批人员', 'Approver'],
  administrator: ['管理员', 'Administrator'],
  account: ['账号', 'Account'],
  machine: ['业务系统', 'System'],
  holder: ['持证人', 'Holder'],
  gateway: ['网关', 'Gateway'],
};

/** How a step ended, beside verdicts and codes. */
export const outcomeWords: Readonly<Record<string, Words>> = {
  done: ['完成', 'Done'],
  ordered: ['已受理', 'Ordered'],
  recognised: ['予以互认', 'Recognised'],
  refused: ['不予互认', 'Refused'],
  unknown: ['无法认定', 'Undecided'],
};
