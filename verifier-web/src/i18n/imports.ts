// SPDX-License-Identifier: Apache-2.0
// Words of the import view.
import type { Words } from './language.ts';
import type { ImportSummary } from '../import-api.ts';

export const importWords = {
  dryRun: ['只检查，不签发', 'Only check, issue nothing'],
  twoOfficers: ['须由另一名经办人批准', 'Another officer must approve'],
  twoOfficersAlways: [
    '这类证照须由另一名经办人批准。',
    'Licences of this type need the approval of another officer.',
  ],
  sending: ['正在上传 {n}%', 'Sending, {n}%'],
  controls: ['对这次导入', 'This import'],
  pause: ['暂停', 'Pause'],
  resume: ['继续', 'Go on'],
  cancel: ['终止', 'End'],
  approve: ['批准签发', 'Approve'],
  refuse: ['不批准', 'Refuse'],
  refuseWhy: ['不批准的理由', 'Why not'],
  results: ['下载逐行结果', 'Download all lines'],
  pace: ['每秒 {rate} 行，约剩 {left}', '{rate} lines a second, about {left} left'],
  checkedWas: [
    '检查结果：可签发 {accepted} 行，退回 {rejected} 行',
    'Checked: {accepted} lines to issue, {rejected} rejected',
  ],
  refusedWas: ['不批准的理由：{reason}', 'Refused: {reason}'],
  list: ['最近的导入', 'Latest imports'],
  listNone: ['还没有导入。', 'No imports yet.'],
  open: ['打开', 'Open'],
  when: ['时间', 'When'],
  type: ['类型', 'Type'],
  state: ['状态', 'State'],
  lines: ['行数', 'Lines'],
} satisfies Readonly<Record<string, Words>>;

const STATES: Readonly<Record<ImportSummary['state'], Words>> = {
  reading: ['正在读取文件', 'Reading the file'],
  checking: ['正在检查', 'Checking'],
  prepared: ['等待另一名经办人批准', 'Waits for another officer'],
  running: ['正在导入', 'Importing'],
  paused: ['已暂停', 'Paused'],
  anchoring: ['已受理，正在上链', 'Accepted, being anchored'],
  done: ['导入完成', 'Import finished'],
  checked: ['检查完成，没有签发', 'Checked, nothing issued'],
  refused: ['未获批准，没有签发', 'Refused, nothing issued'],
  cancelled: ['已终止', 'Ended'],
  failed: ['文件无法读取', 'The file cannot be read'],
};

/** What a state is called. */
export function stateWords(state: ImportSummary['state']): Words {
  return STATES[state];
}
