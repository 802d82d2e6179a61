// SPDX-License-Identifier: Apache-2.0
// What everybody needs: names for all controls, contrast, the keyboard alone, both languages, elder mode's sizes, small screens.
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { toHex } from '@zhenglian/core/bytes';
import { openPage, startBrowser, waitUntil } from '../support/browser.ts';
import { expectSound, OVERFLOW, tabTo, tooSmall } from '../support/page-checks.ts';
import { checkCode, createScene, documentCode, openCounter } from '../support/counter-scene.ts';
import type { Scene } from '../support/counter-scene.ts';
import { TOKENS } from '../support/fake-gateway.ts';

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
    expect(await page.evaluate(tooSmall(44))).to.deep.equal([]);
    await page.getByRole('button', { name: '长辈版' }).click();
    await page.reload();
    await page.locator('#gun').waitFor();
    const size = 'parseFloat(getComputedStyle(document.querySelector("main .hint")).fontSize)';
    expect(await page.evaluate<number>(size)).to.be.at.least(24);
    expect(await page.evaluate(tooSmall(60))).to.deep.equal([]);
    await checkCode(page, documentCode(scene.copies[0]));
    expect(await page.evaluate(tooSmall(60))).to.deep.equal([]);
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
