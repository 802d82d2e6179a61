// SPDX-License-Identifier: Apache-2.0
// `list`: what is in the wallet; type, issuer and last day, nothing of the holder.
import { formatDay } from '@zhenglian/core/days';
import { copyOfHeld, readLicences, typeOfHeld } from '../held-licence.ts';
import type { HeldLicence } from '../held-licence.ts';
import { formatTable } from '../output.ts';
import type { Command } from './command.ts';

const EMPTY = { zh: '钱包是空的。', en: 'The wallet is empty.' };
const HEAD = {
  zh: ['系统编号', '证照', '颁发机构', '到期'],
  en: ['handle', 'licence', 'issuer', 'last day'],
};

export const list: Command = {
  name: 'list',
  summary: { zh: '列出证照', en: 'list the licences' },
  usage: '',
  options: {},
  positionals: 0,
  async run({ lang, openWallet }) {
    const file = await openWallet();
    try {
      const licences = (await readLicences(file)).map(describe);
      const rows = licences.map(({ id, label, issuer, lastDay }) => {
        return [id.slice(0, 8), label[lang], issuer.name[lang], lastDay];
      });
      const text = rows.length === 0 ? EMPTY[lang] : formatTable([HEAD[lang], ...rows]);
      return { json: { licences }, text };
    } finally {
      await file.close();
    }
  },
};

function describe(licence: HeldLicence) {
  const { code, label } = typeOfHeld(licence);
  const days = licence.copies.map((held) => copyOfHeld(held).lastDay);
  const lastDay = formatDay(Math.max(...days));
  return { id: licence.id, type: code, label, issuer: licence.issuer, lastDay };
}
