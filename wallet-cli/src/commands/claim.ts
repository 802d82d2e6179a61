// SPDX-License-Identifier: Apache-2.0
// `claim`: a device copy for a claim code, bound to a key made here (docs/api.md §3).
import { toBase64, toHex } from '@zhenglian/core/bytes';
import { claimCodeDigest, claimPayload, parseClaimCode } from '@zhenglian/core/claim';
import { joinLicence, orderCopies } from '../claiming.ts';
import type { Order } from '../claiming.ts';
import { describeClaim } from '../descriptions.ts';
import { createGatewayClient } from '../gateway-client.ts';
import { keepLicence } from '../held-licence.ts';
import { admitNetwork, parseFingerprint, readPin } from '../network-pin.ts';
import { usageError } from '../wallet-error.ts';
import { speak } from '../words.ts';
import type { Command, CommandContext } from './command.ts';
import { confirms, WAIT_OPTION, waitSeconds } from './questions.ts';

const CODE = { zh: '领取码：', en: 'Claim code:' };
const CONFIRM = {
  zh: '网络指纹：\n{fingerprint}\n与纸面上的一致吗？',
  en: 'Network fingerprint:\n{fingerprint}\nIs it the one on paper?',
};

export const claim: Command = {
  name: 'claim',
  summary: { zh: '用领取码领取证照', en: 'get a licence with a claim code' },
  usage: '[CODE] --gateway URL [--last-six XXXXXX] [--fingerprint HEX]',
  options: {
    gateway: { value: 'URL', help: { zh: '发证省的网关', en: 'gateway of the issuing province' } },
    'last-six': {
      value: 'XXXXXX',
      help: { zh: '证件号后六位（信函领取码需要）', en: 'last six of the ID (codes by letter)' },
    },
    fingerprint: {
      value: 'HEX',
      help: {
        zh: '纸面上的网络指纹（第一次领取）',
        en: 'network fingerprint on paper (first claim)',
      },
    },
    ...WAIT_OPTION,
  },
  positionals: 1,
  async run(context) {
    const { args, lang, terminal } = context;
    const gateway = createGatewayClient(gatewayOption(context));
    const given = args.text('fingerprint');
    const known = { given: given === undefined ? undefined : parseFingerprint(given) };
    const waiting = waitSeconds(args);
    const code = parseClaimCode(args.positionals[0] ?? (await askCode(context)));
    const file = await context.openWallet();
    try {
      const { msp, networkId } = await gateway.network();
      const ask = (fingerprint: string) => confirms(context, speak(CONFIRM, lang, { fingerprint }));
      const confirm = terminal.interactive ? ask : undefined;
      const pin = await admitNetwork(networkId, { ...known, pin: await readPin(file) }, confirm);
      const parts = { ...context, file, gateway, msp, pin, waitSeconds: waiting };
      const ordered = await orderCopies(parts, orderOf(code, msp, args.text('last-six')));
      const licence = await joinLicence(parts, ordered);
      await file.write([keepLicence(licence), ...ordered.changes]);
      return describeClaim(licence, ordered.verified, lang);
    } finally {
      await file.close();
    }
  },
};

function orderOf(code: string, gateway: string, lastSix: string | undefined): Order {
  const six = lastSix === undefined ? {} : { lastSix };
  return {
    name: `claim/${toHex(claimCodeDigest(code))}`,
    route: 'claims',
    payload: (holderKey, at) => claimPayload({ code, gateway, holderKey, at }),
    body: (holderKey) => ({ code, ...six, holderKey: toBase64(holderKey) }),
  };
}

function gatewayOption({ args }: CommandContext): string {
  const gateway = args.text('gateway');
  if (gateway !== undefined) return gateway;
  throw usageError({ zh: '需要 --gateway URL', en: '--gateway URL is needed' });
}

function askCode({ terminal, lang }: CommandContext): Promise<string> {
  if (terminal.interactive) return terminal.ask(CODE[lang]);
  throw usageError({ zh: '需要领取码', en: 'a claim code is needed' });
}
