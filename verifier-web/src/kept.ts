// SPDX-License-Identifier: Apache-2.0
// Small texts kept by the browser, for good (localStorage) or until the window closes (sessionStorage).
// A browser that keeps nothing must not stop the page: reading then finds nothing.

type Keeper = 'localStorage' | 'sessionStorage';

/** A kept text, or undefined. */
export function readKept(key: string, keeper: Keeper = 'localStorage'): string | undefined {
  try {
    return window[keeper].getItem(key) ?? undefined;
  } catch {
    return undefined; // storage is switched off
  }
}

/** Keeps a text; undefined forgets it. Tells whether the browser kept it. */
export function writeKept(
  key: string,
  text: string | undefined,
  keeper: Keeper = 'localStorage',
): boolean {
  try {
    if (text === undefined) window[keeper].removeItem(key);
    else window[keeper].setItem(key, text);
    return true;
  } catch {
    return false;
  }
}
