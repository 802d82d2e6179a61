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
    '输入证照的内部编号（32 位十六进制），各省的每一步操作按时间列出，并说明证明是否成立。',
    'Enter a licence’s id (32 hex characters): every step in every province, in order, and whether its proof holds.',
  ],
  id: ['证照内部编号', 'Licence id'],
  idWrong: ['应为 32 位十六进制字符', 'It has 32 hexadecimal characters'],
  show: ['追溯', 'Trace'],
  nothing: ['没有这份证照的记录', 'No records of this licence'],
  proven: ['证明成立：记录与账本上的根一致', 'Proven: the records match the roots on the ledger'],
  pending: ['部分记录尚未上链', 'Some records are not anchored yet'],
  BROKEN: ['证明不成立：记录被改动或缺失', 'BROKEN: records were altered or are missing'],
  own: [
    '本省记录，未与监管副本比对',
    'This gateway’s own records, not compared with another replica',
  ],
  entryProven: ['已上链', 'On the ledger'],
  entryPending: ['等待上链', 'Waiting for the ledger'],
  ledger: ['账本上的记录', 'Records on the ledger'],
  block: ['区块 {n}', 'block {n}'],
  technical: ['技术细节', 'Details'],
  age: ['副本数据距今 {age}', 'The replica is {age} old'],
  noTrail: ['该省的记录未能取得：{what}', 'This province’s trail could not be had: {what}'],
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
  issue: ['签发', 'Issued'],
  import: ['批量导入', 'Imported'],
  anchor: ['上链存证', 'Anchored'],
  'claim-code': ['发放领取码', 'Claim code handed out'],
  claim: ['领取到手机', 'Claimed into a wallet'],
  renewal: ['手机副本续期', 'Device copy renewed'],
  status: ['状态变更', 'Status changed'],
  reissue: ['更正换发', 'Corrected and reissued'],
  print: ['打印', 'Printed'],
  'look-up': ['查看', 'Looked up'],
  search: ['查询', 'Searched'],
  evidence: ['窗口取核验依据', 'A counter asked for evidence'],
  verification: ['核验', 'Checked'],
  recognition: ['跨省互认', 'Recognition'],
  trail: ['监管追溯', 'Trail read'],
  key: ['签发密钥', 'Signing key'],
  vote: ['表决', 'Vote'],
  rule: ['互认规则', 'Recognition rule'],
  denial: ['拒绝', 'Denied'],
  batch: ['存证批次', 'Batch'],
};

/** Who acted. */
export const actorWords: Readonly<Record<string, Words>> = {
  officer: ['签发人员', 'Officer'],
  clerk: ['窗口人员', 'Clerk'],
  regulator: ['监管人员', 'Regulator'],
  holder: ['持证人', 'Holder'],
  gateway: ['网关', 'Gateway'],
};

/** How a step ended, beside verdicts and codes. */
export const outcomeWords: Readonly<Record<string, Words>> = {
  done: ['完成', 'Done'],
  recognised: ['予以互认', 'Recognised'],
  refused: ['不予互认', 'Refused'],
  unknown: ['无法认定', 'Undecided'],
};

/** Facts of a step worth a word; the others stand in the details. */
export const factWords: Readonly<Record<string, Words>> = {
  act: ['事项', 'Act'],
  verdict: ['结论', 'Verdict'],
  state: ['状态', 'State'],
  class: ['类别', 'Class'],
  from: ['颁发省', 'From'],
  to: ['受理省', 'To'],
  reason: ['原因', 'Reason'],
  set: ['出示范围', 'Set'],
  delivery: ['领取方式', 'Delivery'],
  unmasked: ['显示完整内容', 'Full values'],
};
