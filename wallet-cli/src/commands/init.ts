// SPDX-License-Identifier: Apache-2.0
// `init`: an empty wallet under a passphrase.
import { createWalletFile } from '../wallet-file.ts';
import { speak } from '../words.ts';
import type { Command } from './command.ts';

const DONE = {
  zh: '钱包已建立：{dir}\n口令无法找回，请牢记。',
  en: 'The wallet is made: {dir}\nNobody can recover the passphrase: remember it.',
};

export const init: Command = {
  name: 'init',
  summary: { zh: '建立一个空钱包', en: 'make an empty wallet' },
  usage: '[--wallet DIR]',
  options: {},
  positionals: 0,
  async run({ dir, lang, passphrase }) {
    await createWalletFile(dir, () => passphrase(true));
    return { json: { wallet: dir }, text: speak(DONE, lang, { dir }) };
  },
};
