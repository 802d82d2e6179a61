// SPDX-License-Identifier: Apache-2.0
// Whom the page trusts: the fingerprint from paper, never replaced silently; tokens; and what is left without a network.
import { expect } from 'chai';
import { toHex } from '@zhenglian/core/bytes';
import type { Browser } from 'playwright-core';
import { openPage, startBrowser } from '../support/browser.ts';
import {
  checkCode,
  createScene,
  documentCode,
  openCounter,
  pin,
  reasonOf,
} from '../support/counter-scene.ts';
import type { Scene } from '../support/counter-scene.ts';
import { startFakeGateway, TOKENS } from '../support/fake-gateway.ts';

describe('browser: trust', function () {
  const closing: (() => Promise<void>)[] = [];
  let browser: Browser;
  let scene: Scene;

  before(async function () {
    browser = await startBrowser(this);
    closing.push(() => browser.close());
    scene = await createScene();
    closing.push(() => scene.gateway.stop());
  });
  after(async () => {
    for (const close of closing) await close();
  });

  it('opens nothing before the fingerprint was typed from paper, and does not show its end', async () => {
    const { page, context } = await openPage(browser);
    await page.goto(`${scene.gateway.url}/#/officer`);
    const fingerprint = toHex(scene.maker.networkId);
    await page.locator('#fingerprint-end').waitFor();
    const shown = (await page.locator('main').textContent())?.replaceAll(/\s/g, '') ?? '';
    expect(shown).to.contain(fingerprint.slice(0, -20));
    expect(shown).not.to.contain(fingerprint.slice(-20));
    await page.locator('#fingerprint-end').fill('0'.repeat(12) + fingerprint.slice(-8)); // 32 bits can be made to fit
    await page.keyboard.press('Enter');
    await page.getByText('与网关给出的不一致').waitFor();
    expect(await page.locator('#token').count()).to.equal(0);
    await pin(page, scene);
    await page.locator('#token').waitFor();
    await context.close();
  });

  it('stops at a gateway of another network until the new fingerprint is typed', async () => {
    const { page, context } = await openCounter(browser, scene);
    const other = 'ab'.repeat(32);
    scene.gateway.state.networkId = other;
    await page.reload();
    await page.getByText('这个网关属于另一个网络').first().waitFor();
    expect(await page.locator('#gun').count()).to.equal(0);
    expect(await page.evaluate("localStorage.getItem('zl.fingerprint')")).to.equal(
      toHex(scene.maker.networkId),
    );
    delete scene.gateway.state.networkId;
    await page.reload();
    await page.locator('#gun').waitFor();
    await context.close();
  });

  it('finds the page of a token and refuses a wrong one', async () => {
    const { page, context } = await openPage(browser);
    await page.goto(scene.gateway.url);
    await pin(page, scene);
    await page.locator('#token').fill('zlt_wrong');
    await page.keyboard.press('Enter');
    await page.getByText('令牌不对').waitFor();
    await page.locator('#token').fill(TOKENS.officer);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '签发证照' }).waitFor();
    expect(page.url()).to.contain('#/officer');
    expect(await page.evaluate("localStorage.getItem('zl.tokens')")).to.equal(null);
    await page.getByRole('button', { name: '退出登录' }).click();
    await page.locator('#token').waitFor();
    await context.close();
  });

  it('answers from kept evidence without a network as far as the act allows, and opens without one', async () => {
    const gateway = await startFakeGateway(scene.maker, scene.copies);
    const offline = { ...scene, gateway };
    const { page, context } = await openCounter(browser, offline);
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    const code = documentCode(scene.copies[0]);
    expect(await checkCode(page, code)).to.equal('VALID');
    await gateway.stop();
    expect(await checkCode(page, code)).to.equal('VALID');
    expect(await page.locator('main').textContent()).to.contain('本机保存的');
    await page.reload();
    await page.getByText('现在没有网络').waitFor();
    await page.locator('#act').selectOption('roadside'); // demands the anchor's proof
    expect(await checkCode(page, code)).to.equal('UNDETERMINED');
    expect(await reasonOf(page, 'anchor')).to.equal('ANCHOR_UNPROVEN');
    expect(await reasonOf(page, 'signature')).to.equal('OK');
    const kept = await page.evaluate<string[]>(
      'caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((c) => c.keys())))).then((all) => all.flat().map((r) => new URL(r.url).pathname))',
    );
    expect(kept).to.include('/');
    expect(kept.filter((path) => path.startsWith('/v1'))).to.deep.equal([]);
    await context.close();
  });
});
