// SPDX-License-Identifier: Apache-2.0
// `renew`: copies that end soon are replaced by new ones under new keys; the old keys are forgotten (docs/api.md §3).
import { isCodedError } from '@zhenglian/core/errors';
import { dueCopies, renewCopy } from '../renewing.ts';
import { createGatewayClient } from '../gateway-client.ts';
import { chooseLicence, readLicences } from '../held-licence.ts';
import type { HeldLicence } from '../held-licence.ts';
import { errorWords } from '../error-words.ts';
import { readPin } from '../network-pin.ts';
import { walletError } from '../wallet-error.ts';
import type { WalletFile } from '../wallet-file.ts';
import type { Command, CommandContext } from './command.ts';
import { WAIT_OPTION, waitSeconds } from './questions.ts';

const NONE = { zh: '没有需要续期的副本。', en: 'No copy needs renewing.' };

export const renew: Command = {
  name: 'renew',
  summary: { zh: '续期即将到期的副本', en: 'renew copies that end soon' },
  usage: '[HANDLE | TYPE] [--force] [--gateway URL]',
  options: {
    force: { help: { zh: '未到期也续期', en: 'renew before it is time' } },
    gateway: {
      value: 'URL',
      help: { zh: '网关的新地址', en: 'the gateway, when its address has changed' },
    },
    ...WAIT_OPTION,
  },
  positionals: 1,
  async run(context) {
    const { args, lang } = context;
    const [meant] = args.positionals;
    waitSeconds(args);
    const file = await context.openWallet();
    try {
      const all = await readLicences(file);
      const licences = meant === undefined ? all : [chooseLicence(all, meant)];
      const renewed: Outcome[] = [];
      for (const licence of licences) renewed.push(...(await renewLicence(context, file, licence)));
      const lines = renewed.map((each) => [each.licence.slice(0, 8), each.words].join('  '));
      const exitCode = renewed.some(({ outcome }) => outcome === 'refused') ? 1 : 0;
      const json = { copies: renewed.map(({ words: _, ...rest }) => rest) };
      return { json, text: lines.length === 0 ? NONE[lang] : lines.join('\n'), exitCode };
    } finally {
      await file.close();
    }
  },
};

interface Outcome {
  readonly licence: string;
  readonly outcome: 'renewed' | 'refused';
  readonly code?: string;
  readonly lastDay?: string;
  readonly words: string;
}

/** One refusal does not keep the other licences from being renewed. */
async function renewLicence(
  context: CommandContext,
  file: WalletFile,
  licence: HeldLicence,
): Promise<readonly Outcome[]> {
  const { args, clock, lang } = context;
  const outcomes: Outcome[] = [];
  const pin = await readPin(file);
  if (pin === undefined) throw walletError('WALLET_CORRUPT', 'licences without a network');
  const gateway = createGatewayClient(args.text('gateway') ?? licence.gateway);
  const parts = { ...context, file, gateway, msp: licence.msp, waitSeconds: waitSeconds(args) };
  for (const held of dueCopies(licence, clock(), args.flag('force'))) {
    try {
      const lastDay = await renewCopy({ ...parts, pin }, licence, held);
      const words = lang === 'zh' ? `已续期至 ${lastDay}` : `renewed until ${lastDay}`;
      outcomes.push({ licence: licence.id, outcome: 'renewed', lastDay, words });
    } catch (error) {
      if (!isCodedError<string>(error) || error.code.startsWith('WALLET_')) throw error;
      const words = `${error.code}: ${errorWords(error, lang)}`;
      outcomes.push({ licence: licence.id, outcome: 'refused', code: error.code, words });
    }
  }
  return outcomes;
}
