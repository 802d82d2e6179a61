// SPDX-License-Identifier: Apache-2.0
// `show`: everything about one licence, unmasked: it is the owner's own pocket.
import { describeLicence, licenceText } from '../descriptions.ts';
import { chooseLicence, readLicences } from '../held-licence.ts';
import type { Command } from './command.ts';

export const show: Command = {
  name: 'show',
  summary: { zh: '查看一份证照的全部内容', en: 'show everything of a licence' },
  usage: '[HANDLE | TYPE]',
  options: {},
  positionals: 1,
  async run({ args, lang, openWallet }) {
    const file = await openWallet();
    try {
      const licence = chooseLicence(await readLicences(file), args.positionals[0]);
      const json = describeLicence(licence);
      return { json, text: licenceText(json, lang) };
    } finally {
      await file.close();
    }
  },
};
