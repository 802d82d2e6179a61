// SPDX-License-Identifier: Apache-2.0
// Whom the page trusts: the fingerprint from paper, never replaced silently; tokens; and what is left without a network.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { toHex } from '@zhenglian/core/bytes';
import { decodeAnswer, endorserMsp } from '@zhenglian/core/cosigned-answer';
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

  it('asks for the role of a token without trying doors, and says why another page opened', async () => {
    for (const [role, page_, words] of [
      ['clerk', 'officer', '这枚令牌属于窗口人员，因此打开了“核验”。“签发”需要另一种岗位的令牌。'],
      [
        'regulator',
        'counter',
        '这枚令牌属于监管人员，因此打开了“监管”。“核验”需要另一种岗位的令牌。',
      ],
    ] as const) {
      const { page, context } = await openPage(browser);
      const refused: string[] = [];
      page.on('response', (answer) => {
        if (answer.status() >= 400) refused.push(answer.url());
      });
      await page.goto(`${scene.gateway.url}/#/${page_}`);
      await pin(page, scene);
      await page.locator('#token').fill(TOKENS[role]);
      await page.keyboard.press('Enter');
      await page.getByText(words).waitFor();
      await page.getByRole('button', { name: '知道了' }).click();
      expect(await page.locator('.detour').count()).to.equal(0);
      expect(refused).to.deep.equal([]);
      await context.close();
    }
  });

  it('speaks the first language of the browser that it has, until another is chosen', async () => {
    for (const [locale, lang] of [
      ['en-GB', 'en'],
      ['zh-HK', 'zh-CN'],
      ['fr-FR', 'zh-CN'],
    ] as const) {
      const { page, context } = await openPage(browser, { locale });
      await page.goto(scene.gateway.url);
      await page.locator('#fingerprint-end').waitFor();
      expect(await page.evaluate('document.documentElement.lang'), locale).to.equal(lang);
      await page.locator('.site-tools button[lang]').click();
      await page.reload();
      await page.locator('#fingerprint-end').waitFor();
      const other = lang === 'en' ? 'zh-CN' : 'en';
      expect(await page.evaluate('document.documentElement.lang'), locale).to.equal(other);
      await context.close();
    }
  });

  it('checks a dissenter’s signed answer itself, says who it is and what it says, and hands it out', async () => {
    const gateway = await startFakeGateway(scene.maker, scene.copies);
    gateway.state.statuses = [[0, 'revoked']];
    gateway.state.lie = [];
    const { page, context } = await openCounter(browser, { ...scene, gateway });
    expect(await checkCode(page, documentCode(scene.copies[0]))).to.equal('REVOKED');
    const notice = page.locator('[data-dissent]');
    expect(await notice.locator('[data-msp="REG"]').textContent()).to.contain(
      'REG 签名答复：本证照没有被暂停、吊销',
    );
    expect(await notice.textContent()).to.contain('它的签名已由本页核对属实');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      notice.getByRole('button', { name: '下载证据' }).click(),
    ]);
    const kept = decodeAnswer(new Uint8Array(readFileSync(await download.path())));
    expect(kept.dissent?.map(({ endorser }) => endorserMsp(endorser))).to.eql(['REG']);
    delete gateway.state.lie;
    expect(await checkCode(page, documentCode(scene.copies[0]))).to.equal('REVOKED');
    expect(await notice.count()).to.equal(0);
    await gateway.stop();
    await context.close();
  });

  it('answers from kept evidence without a network as far as the act allows, and opens without one', async () => {
    const gateway = await startFakeGateway(scene.maker, scene.copies);
    const offline = { ...scene, gateway };
    const { page, context } = await openCounter(browser, offline);
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    const code = documentCode(scene.copies[0]);
    expect(await checkCode(page, code)).to.equal('VALID');
    const source = page.locator('.verdict-source');
    expect(await source.getAttribute('data-source')).to.equal('gateway');
    expect(await source.textContent()).to.contain('联网核验');
    await gateway.stop();
    expect(await checkCode(page, code)).to.equal('VALID');
    expect(await source.getAttribute('data-source')).to.equal('kept');
    expect(await source.textContent()).to.contain('离线核验');
    expect(await page.locator('.verdict-head').textContent()).to.contain('离线核验');
    expect(await page.getByRole('status').first().textContent()).to.contain('离线核验');
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
