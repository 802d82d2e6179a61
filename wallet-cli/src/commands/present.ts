// SPDX-License-Identifier: Apache-2.0
// `present`: some fields of a licence as a QR code with a fresh proof of possession, answering a request where there is one.
import { qrVersionOf } from '@zhenglian/core/qr-size';
import { provePossession } from '@zhenglian/core/possession';
import type { PresentationRequest } from '@zhenglian/core/request';
import { chooseLicence, keepLicence, readLicences, typeOfHeld } from '../held-licence.ts';
import { withHolderKey } from '../holder-keys.ts';
import { printable } from '../output.ts';
import { chooseCopy, countUse, openFields, openSlots, readRequest, textOf } from '../presenting.ts';
import { givePresentation } from '../presentation-output.ts';
import { walletError } from '../wallet-error.ts';
import { speak } from '../words.ts';
import type { Command, CommandContext } from './command.ts';
import { confirms, YES_OPTION } from './questions.ts';

const ASKED = { zh: '“{audience}”请求核验，事项：{act}', en: '“{audience}” asks, for: {act}' };
const ANSWER = { zh: '出示 {fields}？', en: 'Show {fields}?' };

export const present: Command = {
  name: 'present',
  summary: { zh: '出示证照（二维码）', en: 'show a licence as a QR code' },
  usage:
    '[HANDLE | TYPE] (--set NAME | --fields a,b) [--request ZLQ1:…] [--png FILE] [--svg FILE] [--text]',
  options: {
    set: { value: 'NAME', help: { zh: '出示范围', en: 'disclosure set' } },
    fields: { value: 'a,b', help: { zh: '逐项指定字段', en: 'fields one by one' } },
    request: { value: 'ZLQ1:…', help: { zh: '窗口的请求', en: 'the counter’s request' } },
    png: { value: 'FILE', help: { zh: '写成 PNG 图片', en: 'write a PNG picture' } },
    svg: { value: 'FILE', help: { zh: '写成 SVG 图片', en: 'write an SVG picture' } },
    text: { help: { zh: '只输出二维码的文字', en: 'print the text of the code' } },
    ...YES_OPTION,
  },
  positionals: 1,
  async run(context) {
    const { args, clock } = context;
    const asked = args.text('request');
    const request = asked === undefined ? undefined : readRequest(asked, clock());
    const file = await context.openWallet();
    try {
      const licence = chooseLicence(await readLicences(file), args.positionals[0]);
      const type = typeOfHeld(licence);
      const { held, copy } = chooseCopy(licence, clock());
      const wire = openFields(copy, type, { set: args.text('set'), fields: args.text('fields') });
      const shown = openSlots(wire, type);
      const slots = type.slots.filter(({ name }) => shown.includes(name));
      if (request !== undefined)
        await admit(
          context,
          request,
          slots.map(({ label }) => label),
        );
      const at = clock();
      const answering = request === undefined ? {} : { request };
      const proof = { networkId: licence.networkId, at, ...answering };
      const text = await withHolderKey(file, held.keyRef, (holder) =>
        textOf(provePossession(wire, holder, proof)),
      );
      await file.write([keepLicence(countUse(licence, held))]);
      return await givePresentation(context, {
        licence: licence.id,
        type: type.code,
        text,
        qrVersion: qrVersionOf(text) ?? null,
        fields: shown,
        holder: request === undefined ? 'recent' : 'challenged',
        at,
        copy: { epoch: copy.epoch, index: copy.index },
        ...(request === undefined ? {} : { audience: request.audience, act: request.act }),
      });
    } finally {
      await file.close();
    }
  },
};

/** Says who asks and for what; somebody who is there must agree. @throws DECLINED, REQUEST_EXPIRED */
async function admit(
  context: CommandContext,
  request: PresentationRequest,
  labels: readonly { readonly zh: string; readonly en: string }[],
): Promise<void> {
  const { args, lang, terminal, clock } = context;
  const { audience, act } = request;
  terminal.err(`${printable(speak(ASKED, lang, { audience, act }))}\n`);
  if (args.flag('yes') || !terminal.interactive) return;
  const fields = labels.map((label) => label[lang]).join(lang === 'zh' ? '、' : ', ');
  if (!(await confirms(context, speak(ANSWER, lang, { fields })))) {
    throw walletError('DECLINED', 'not confirmed');
  }
  if (request.expiresAt < clock()) {
    throw walletError('REQUEST_EXPIRED', 'the request ran out of time');
  }
}
