// SPDX-License-Identifier: Apache-2.0
// Giving a presentation to whoever holds the camera: files, the terminal, or the text itself.
import type { CommandContext, CommandResult } from './commands/command.ts';
import { writeOutput } from './output.ts';
import { drawPng, drawSvg, drawTerminal } from './qr-picture.ts';

/** A presentation as a machine gets it. */
export interface Presentation {
  readonly licence: string;
  readonly type: string;
  readonly text: string;
  readonly qrVersion: number | null;
  readonly fields: readonly string[];
  readonly holder: 'recent' | 'challenged';
  readonly at: number;
  readonly copy: { readonly epoch: number; readonly index: number };
  readonly audience?: string;
  readonly act?: string;
}

const SOON = {
  recent: { zh: '请在 60 秒内出示。', en: 'Show it within 60 seconds.' },
  challenged: {
    zh: '只对这个请求有效。',
    en: 'It answers this request only.',
  },
};

/** Writes the files that were asked for; the terminal shows the code when nothing else was. @throws OUTPUT_UNWRITABLE */
export async function givePresentation(
  { args, lang, terminal }: CommandContext,
  presentation: Presentation,
): Promise<CommandResult> {
  const { text } = presentation;
  const [png, svg] = [args.text('png'), args.text('svg')];
  if (png !== undefined) await writeOutput(png, await drawPng(text));
  if (svg !== undefined) await writeOutput(svg, await drawSvg(text));
  const json = {
    ...presentation,
    ...(png === undefined ? {} : { png }),
    ...(svg === undefined ? {} : { svg }),
  };
  if (args.flag('text')) return { json, text };
  const note = SOON[presentation.holder][lang];
  const files = [png, svg].filter((path) => path !== undefined);
  if (files.length > 0) return { json, text: [...files, note].join('\n') };
  return { json, text: note, picture: drawTerminal(text, terminal.colours) };
}
