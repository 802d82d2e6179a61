// SPDX-License-Identifier: Apache-2.0
// What a USB scanner gun typed, whatever the input method made of it. A gun is a keyboard: with a Chinese input method on,
// its letters end up in a composition. The physical keys still arrive, and a code's alphabet is the keys of one layout.

/** Collects keys; `text` is what they spell on a US keyboard, in capitals, as guns send it. */
export interface GunBuffer {
  /** Takes a key; tells whether it ended a code (Enter or Tab after a licence prefix). */
  press(key: GunKey): boolean;
  readonly text: string;
  clear(): void;
}

/** The part of a KeyboardEvent that matters. */
export type GunKey = Pick<KeyboardEvent, 'code' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>;

const PREFIX = 'ZL1:';
const SHIFTED: Readonly<Record<string, string>> = {
  Digit4: '$',
  Digit5: '%',
  Digit8: '*',
  Equal: '+',
  Semicolon: ':',
};
const PLAIN: Readonly<Record<string, string>> = {
  Space: ' ',
  Minus: '-',
  Period: '.',
  Slash: '/',
  NumpadAdd: '+',
  NumpadSubtract: '-',
  NumpadMultiply: '*',
  NumpadDivide: '/',
  NumpadDecimal: '.',
};

/** An empty buffer. */
export function createGunBuffer(): GunBuffer {
  let text = '';
  return {
    press(key) {
      if (key.ctrlKey || key.metaKey || key.altKey) return false;
      if (key.code === 'Enter' || key.code === 'NumpadEnter' || key.code === 'Tab') {
        return text.startsWith(PREFIX);
      }
      if (key.code === 'Backspace') text = text.slice(0, -1);
      else text += characterOf(key);
      return false;
    },
    get text() {
      return text;
    },
    clear() {
      text = '';
    },
  };
}

/** The licence code in what a field holds or keys spelt: the field first, since a person may have pasted into it. */
export function codeOf(field: string, keys: string): string | undefined {
  // Full-width letters are what some input methods make of a gun's.
  const typed = field.normalize('NFKC').trim();
  if (typed.startsWith(PREFIX)) return typed;
  return keys.startsWith(PREFIX) ? keys : undefined;
}

function characterOf({ code, shiftKey }: GunKey): string {
  if (code.startsWith('Key')) return code.slice(3);
  if (shiftKey) return SHIFTED[code] ?? '';
  if (code.startsWith('Digit')) return code.slice(5);
  if (/^Numpad\d$/.test(code)) return code.slice(6);
  return PLAIN[code] ?? '';
}
