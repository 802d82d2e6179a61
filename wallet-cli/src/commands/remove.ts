// SPDX-License-Identifier: Apache-2.0
// `remove`: forgets a licence and its keys. The licence itself lives on; its copies here are gone for good.
import { chooseLicence, forgetLicence, readLicences, typeOfHeld } from '../held-licence.ts';
import { forgetKeys } from '../renewing.ts';
import { usageError, walletError } from '../wallet-error.ts';
import { speak } from '../words.ts';
import type { Command } from './command.ts';
import { confirms, YES_OPTION } from './questions.ts';

const QUESTION = { zh: '从钱包删除“{label}”？', en: 'Remove “{label}” from the wallet?' };
const DONE = { zh: '已删除：{label}', en: 'Removed: {label}' };

export const remove: Command = {
  name: 'remove',
  summary: { zh: '从钱包删除一份证照', en: 'remove a licence from the wallet' },
  usage: 'HANDLE | TYPE [--yes]',
  options: YES_OPTION,
  positionals: 1,
  async run(context) {
    const { args, lang, terminal } = context;
    const [meant] = args.positionals;
    if (meant === undefined) throw usageError({ zh: '删除哪一份？', en: 'remove which one?' });
    const file = await context.openWallet();
    try {
      const licence = chooseLicence(await readLicences(file), meant);
      const label = typeOfHeld(licence).label[lang];
      const ask = () => confirms(context, speak(QUESTION, lang, { label }));
      const sure = args.flag('yes') || (terminal.interactive && (await ask()));
      if (!sure) throw walletError('DECLINED', 'not confirmed');
      await file.write([forgetLicence(licence), ...(await forgetKeys(file, licence))]);
      return { json: { removed: licence.id }, text: speak(DONE, lang, { label }) };
    } finally {
      await file.close();
    }
  },
};
