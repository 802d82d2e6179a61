// SPDX-License-Identifier: Apache-2.0
// An organisation that signed another answer than the others, in words.
import type { StatusState } from '@zhenglian/core/records/status';
import type { Words } from './language.ts';

export const dissentWords = {
  title: ['有成员单位的答复不一致', 'A member answers differently'],
  said: ['{who} 签名答复：{what}', '{who} signed: {what}'],
  bundle: ['另一份信任清单', 'another trust bundle'],
  epoch: ['另一份证照状态', 'another status of licences'],
  why: [
    '它的签名已由本页核对属实。结论以其他成员共同签署的答复为准；请下载证据交监管部门。',
    'This page has checked its signature. The verdict rests on what the others co-signed; give the evidence to the regulator.',
  ],
  save: ['下载证据', 'Download the evidence'],
} as const satisfies Record<string, Words>;

/** What it says of the copy at hand. */
export const dissentStates: Readonly<Record<StatusState, Words>> = {
  valid: ['本证照没有被暂停、吊销', 'this licence is neither suspended nor revoked'],
  suspended: ['本证照已暂停', 'this licence is suspended'],
  revoked: ['本证照已吊销', 'this licence is revoked'],
};
