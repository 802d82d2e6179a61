// SPDX-License-Identifier: Apache-2.0
// What every page of ours must stand: contrast, names of controls, sizes of targets, nothing sticking out, the keyboard.
import { expect } from 'chai';
import type { Page } from 'playwright-core';

/** Elements with text whose colour stands out less than WCAG 2.1 AA asks, as `ratio text`. */
const LOW_CONTRAST = `(() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(e).backgroundColor);
      if (a > 0.99) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== '');
  return [...document.querySelectorAll('body *')]
    .filter((e) => own(e) && e.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }))
    .filter((e) => !e.closest('.visually-hidden, svg, :disabled, .skip-link'))
    .map((e) => {
      const style = getComputedStyle(e);
      const [a, b] = [light(parse(style.color)), light(ground(e))].sort((x, y) => y - x);
      const px = parseFloat(style.fontSize);
      const large = px >= 24 || (px >= 18.66 && Number(style.fontWeight) >= 700);
      return { ratio: (a + 0.05) / (b + 0.05), least: large ? 3 : 4.5, text: e.textContent.trim().slice(0, 30) };
    })
    .filter(({ ratio, least }) => ratio < least)
    .map(({ ratio, text }) => ratio.toFixed(2) + ' ' + text);
})()`;
/** Controls that a screen reader could not name. */
const NAMELESS = `[...document.querySelectorAll('button, a[href], input, select, textarea, summary, video, svg[role=img], progress, nav, [role=region]')]
  .filter((e) => e.checkVisibility() || e.matches('.visually-hidden'))
  .filter((e) => {
    const labelled = (e.getAttribute('aria-labelledby') ?? '').split(' ').some((id) => document.getElementById(id)?.textContent.trim());
    const named = e.getAttribute('aria-label') || [...(e.labels ?? [])].some((l) => l.textContent.trim()) || e.textContent.trim();
    return !labelled && !named;
  })
  .map((e) => e.outerHTML.slice(0, 80))`;
/** An expression for targets lower than so many points. */
export const tooSmall = (
  least: number,
) => `[...document.querySelectorAll('main button, header button, header nav a, main select, main input:not([type=checkbox], [type=radio], [type=file]), main summary')]
  .filter((e) => e.checkVisibility())
  .map((e) => ({ height: e.getBoundingClientRect().height, text: e.outerHTML.slice(0, 60) }))
  .filter(({ height }) => height < ${String(least)} - 0.5)`;
/** By how much the page is wider than the window. */
export const OVERFLOW =
  'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** Fails where contrast is too low or a control has no name. */
export async function expectSound(page: Page): Promise<void> {
  expect(await page.evaluate(LOW_CONTRAST)).to.deep.equal([]);
  expect(await page.evaluate(NAMELESS)).to.deep.equal([]);
}

/** Presses Tab until the element has the focus, as a person would. */
export async function tabTo(page: Page, selector: string, backwards = false): Promise<void> {
  for (let i = 0; i < 60; i++) {
    const there = await page.evaluate(
      `document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`,
    );
    if (there === true) return;
    await page.keyboard.press(backwards ? 'Shift+Tab' : 'Tab');
  }
  throw new Error(`no way to ${selector} by the keyboard`);
}
