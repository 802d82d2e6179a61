// SPDX-License-Identifier: Apache-2.0
// What everybody needs: names for all controls, contrast, the keyboard alone, both languages, elder mode's sizes, small screens.
import { expect } from 'chai';
import type { Browser, Page } from 'playwright-core';
import { toHex } from '@zhenglian/core/bytes';
import { openPage, startBrowser, waitUntil } from '../support/browser.ts';
import { checkCode, createScene, documentCode, openCounter } from '../support/counter-scene.ts';
import type { Scene } from '../support/counter-scene.ts';
import { TOKENS } from '../support/fake-gateway.ts';

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
const TOO_SMALL = (
  least: number,
) => `[...document.querySelectorAll('main button, header button, header nav a, main select, main input:not([type=checkbox], [type=radio], [type=file]), main summary')]
  .filter((e) => e.checkVisibility())
  .map((e) => ({ height: e.getBoundingClientRect().height, text: e.outerHTML.slice(0, 60) }))
  .filter(({ height }) => height < ${String(least)} - 0.5)`;
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

describe('browser: accessibility', function () {
  const closing: (() => Promise<void>)[] = [];
  let browser: Browser;
  let scene: Scene;

  before(async function () {
    browser = await startBrowser(this);
    closing.push(() => browser.close());
    scene = await createScene('P44');
    closing.push(() => scene.gateway.stop());
  });
  after(async () => {
    for (const close of closing) await close();
  });

  for (const language of ['zh-CN', 'en'] as const) {
    it(`names every control and keeps contrast, in ${language}`, async () => {
      const { page, context } = await openCounter(browser, scene);
      if (language === 'en') await page.getByRole('button', { name: 'English' }).click();
      expect(await page.evaluate('document.documentElement.lang')).to.equal(language);
      await expectSound(page);
      for (const status of ['revoked', 'suspended', undefined] as const) {
        scene.gateway.state.statuses = status === undefined ? [] : [[0, status]];
        await checkCode(page, documentCode(scene.copies[0]));
        await expectSound(page);
      }
      await checkCode(page, documentCode(scene.copies[1]));
      await expectSound(page);
      scene.gateway.state.staleNonce = true;
      await checkCode(page, documentCode(scene.copies[0]));
      await expectSound(page);
      scene.gateway.state.staleNonce = false;
      const main = (await page.locator('main').textContent()) ?? '';
      if (language === 'en') expect(main.replaceAll('一般核验', '')).not.to.match(/有效|核验|请/);
      await context.close();
    });
  }

  it('reaches a verdict and the next check by the keyboard alone', async () => {
    const { page, context } = await openPage(browser);
    await page.goto(scene.gateway.url);
    await page.locator('#fingerprint-end').waitFor();
    await tabTo(page, '#fingerprint-end');
    await page.keyboard.type(toHex(scene.maker.networkId).slice(-20));
    await page.keyboard.press('Enter');
    await page.locator('#token').waitFor();
    await tabTo(page, '#token');
    await page.keyboard.type(TOKENS.clerk);
    await page.keyboard.press('Enter');
    await page.locator('.qr').waitFor();
    await tabTo(page, '#gun');
    await page.keyboard.insertText(documentCode(scene.copies[0]));
    await page.keyboard.press('Enter');
    await page.locator('[data-verdict="VALID"]').waitFor();
    await waitUntil(page, "document.activeElement?.id === 'verdict-word'");
    await tabTo(page, '[data-check="anchor"] summary');
    await page.keyboard.press('Enter');
    await page.getByText('ANCHOR_PROVEN').waitFor();
    await tabTo(page, '.verdict-foot .primary', true);
    const outline = await page.evaluate<string>(
      'getComputedStyle(document.activeElement).outlineStyle',
    );
    expect(outline).to.equal('solid');
    await page.keyboard.press('Enter');
    await waitUntil(page, "document.activeElement?.tagName === 'H1'");
    await context.close();
  });

  it('skips to the content first', async () => {
    const { page, context } = await openCounter(browser, scene);
    await page.evaluate('document.activeElement.blur()');
    await page.reload();
    await page.locator('#gun').waitFor();
    await page.locator('.skip-link').focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).to.equal('main');
    await context.close();
  });

  it('has elder mode: 18 pt text, targets of 60 px, kept; 44 px otherwise', async () => {
    const { page, context } = await openCounter(browser, scene);
    expect(await page.evaluate(TOO_SMALL(44))).to.deep.equal([]);
    await page.getByRole('button', { name: '长辈版' }).click();
    await page.reload();
    await page.locator('#gun').waitFor();
    const size = 'parseFloat(getComputedStyle(document.querySelector("main .hint")).fontSize)';
    expect(await page.evaluate<number>(size)).to.be.at.least(24);
    expect(await page.evaluate(TOO_SMALL(60))).to.deep.equal([]);
    await checkCode(page, documentCode(scene.copies[0]));
    expect(await page.evaluate(TOO_SMALL(60))).to.deep.equal([]);
    await expectSound(page);
    await context.close();
  });

  it('fits a phone, elder mode too, and moves nothing for those who asked for it', async () => {
    const { page, context } = await openCounter(browser, scene, {
      viewport: { width: 390, height: 844 },
      reducedMotion: 'reduce',
    });
    expect(await page.evaluate(OVERFLOW)).to.equal(0);
    await page.getByRole('button', { name: '长辈版' }).click();
    expect(await page.evaluate(OVERFLOW)).to.equal(0);
    await checkCode(page, documentCode(scene.copies[0]));
    expect(await page.evaluate(OVERFLOW)).to.equal(0);
    const moving = `getComputedStyle(document.querySelector('button')).transitionDuration`;
    expect(await page.evaluate(moving)).to.equal('0s');
    await context.close();
  });
});

async function expectSound(page: Page): Promise<void> {
  expect(await page.evaluate(LOW_CONTRAST)).to.deep.equal([]);
  expect(await page.evaluate(NAMELESS)).to.deep.equal([]);
}

/** Presses Tab until the element has the focus, as a person would. */
async function tabTo(page: Page, selector: string, backwards = false): Promise<void> {
  for (let i = 0; i < 60; i++) {
    const there = await page.evaluate(
      `document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`,
    );
    if (there === true) return;
    await page.keyboard.press(backwards ? 'Shift+Tab' : 'Tab');
  }
  throw new Error(`no way to ${selector} by the keyboard`);
}
