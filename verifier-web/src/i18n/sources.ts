// SPDX-License-Identifier: Apache-2.0
// What a verdict rests on, said beside it in symbol and words: asked for just now, kept from before, or nothing.
import type { Checked } from '../counter-check.ts';
import { say, sayAge } from './language.ts';
import type { Words } from './language.ts';

/** How the verdict was reached, for the line under it; without text where that says nothing. */
export function sourceOf({ source, report, trouble }: Checked): {
  readonly shape: 'online' | 'offline';
  readonly title: string;
  readonly text: string;
} {
  if (source === 'gateway') {
    const text = say(trouble === undefined ? SOURCES.fresh : SOURCES.distrusted);
    return { shape: 'online', title: say(SOURCES.online), text };
  }
  const { bundle, epoch } = report.evidence;
  const shape = 'offline' as const;
  if (source === 'kept') {
    const age = sayAge(Math.max(bundle?.age ?? 0, epoch?.age ?? 0));
    const text = say(epoch === undefined ? SOURCES.keptWithoutStatus : SOURCES.kept, { age });
    return { shape, title: say(SOURCES.offline), text };
  }
  if (trouble === undefined) return { shape, title: '', text: '' };
  return { shape, title: say(SOURCES.offline), text: say(SOURCES.nothing) };
}

const SOURCES = {
  online: ['联网核验', 'Checked online'],
  offline: ['离线核验', 'Checked offline'],
  fresh: ['依据刚刚取得。', 'on evidence just asked for.'],
  distrusted: [
    '但网关的答复不可信，没有采用。',
    'but the gateway’s answer could not be trusted and was not used.',
  ],
  kept: [
    '依据是本机至多 {age}前保存的，此后的吊销或暂停看不到。',
    'on evidence kept at most {age} ago: what was revoked or suspended since does not show.',
  ],
  keptWithoutStatus: [
    '本机没有这份证照的状态，只核对了签名。',
    'without the status of this licence: only its signature was checked.',
  ],
  nothing: ['本机没有可用的依据。', 'without any evidence on this computer.'],
} as const satisfies Record<string, Words>;
