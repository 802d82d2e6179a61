// SPDX-License-Identifier: Apache-2.0
// Accounts on the page, on a real gateway: from an administrator's first activation code to an officer with a second
// factor, by mouse and by keyboard, in both languages, with nothing a screen reader or a small screen lacks.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { exportJWK, generateKeyPair } from 'jose';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { codeOfStep } from '../../gateway/src/accounts/totp.ts';
import { runVerb } from '../../gateway/src/operate/run-verb.ts';
import { runNetwork } from '../../scripts/running-network.ts';
import type { RunningNetwork } from '../../scripts/running-network.ts';
import { fromBase32 } from '../gateway/accounts/base32.ts';
import { activate, askToken, PASSWORD, readQr, signIn, signOut } from '../support/account-page.ts';
import { openPage, startBrowser, waitUntil } from '../support/browser.ts';
import { expectSound, OVERFLOW, tabTo, tooSmall } from '../support/page-checks.ts';

const STEP_MS = 30_000;

describe('browser: accounts and their administrators', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'zl-administration-'));
  const closing: (() => Promise<void>)[] = [];
  let browser: Browser;
  let network: RunningNetwork;
  let url = '';
  let page: Page;
  let context: BrowserContext;
  let errors: string[];

  before(async function () {
    browser = await startBrowser(this);
    closing.push(() => browser.close());
    network = await runNetwork({ dataDir: folder, progress: () => undefined });
    closing.push(() => network.stop());
    url = network.tour.services.find((service) => service.name === 'P44')?.url ?? '';
    ({ page, context, errors } = await openPage(browser, { reducedMotion: 'reduce' }));
    await page.goto(`${url}/#/administrator`);
    await page.locator('#fingerprint-end').fill(network.tour.fingerprint.slice(-20));
    await page.keyboard.press('Enter');
  });
  after(async () => {
    for (const close of closing) await close();
    rmSync(folder, { recursive: true, force: true });
  });

  const row = (name: string) => page.locator(`[data-account="${name}"]`);
  it('lets the operator’s activation code in, once, and says what is wrong before', async () => {
    const env = { MSP: 'P44', DATA_DIR: join(folder, 'gateways', 'P44') };
    const told = await runVerb('create-administrator', ['--name', 'wang.fang'], {
      ...{ env, now: Math.floor(Date.now() / 1000) },
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    });
    const code = /zli_[0-9a-f]{32}/.exec(told)?.[0] ?? '';
    await page.getByText('我有激活码').click();
    await page.locator('#activation-name').fill('wang.fang');
    await page.locator('#activation-code').fill('zli_wrong');
    await page.locator('#activation-password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByText('两次输入的新密码不同').waitFor();
    await page.locator('#activation-again').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByText('激活码不对、已用过或已过期').waitFor();
    await expectSound(page);
    await page.reload();
    await page.locator('#account-name').waitFor();
    await activate(page, 'wang.fang', code);
    await signIn(page, 'wang.fang');
    await page.getByRole('heading', { name: '账号管理' }).waitFor();
    await row('demo.officer').waitFor();
    await page.getByText('本人的账号，由另一位管理员变更').waitFor();
  });

  it('makes an account with roles, divisions and types, and shows its code once', async () => {
    await page.getByRole('button', { name: '新建' }).click();
    await page.getByText('请按要求填写账号名').waitFor();
    await page.getByText('请至少选一个岗位').waitFor();
    const form = page.locator('#new-account');
    await form.getByLabel('账号名').fill('李娜');
    await form.getByLabel('签发人员').check();
    await form.getByLabel('不限行政区划').uncheck();
    await form.getByLabel('行政区划代码').fill('44 440');
    await form.getByLabel('不限证照类型').uncheck();
    await page.getByRole('button', { name: '新建' }).click();
    await page.getByText('请填写 2、4 或 6 位的代码').waitFor();
    await page.getByText('请至少选一类证照').waitFor();
    await expectSound(page);
    await form.getByLabel('行政区划代码').fill('44，4401');
    await form.getByLabel('驾驶证').check();
    await page.getByRole('button', { name: '新建' }).click();
    const code = page.getByTestId('activation-code');
    await code.waitFor();
    await waitUntil(page, "document.activeElement?.id === 'activation-title'");
    expect(await row('李娜').textContent()).to.match(/签发人员.*44、4401、.*驾驶证.*待启用/);
    expect(await form.getByLabel('账号名').inputValue()).to.equal('');
    await expectSound(page);
    const first = (await code.textContent()) ?? '';
    await page.getByRole('button', { name: '已交给本人' }).click();
    expect(await code.count()).to.equal(0);
    // Another code ends the first.
    await page.getByRole('button', { name: '发新激活码 李娜' }).click();
    await page.getByText('请先确认来人身份').waitFor();
    await expectSound(page);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).to.equal(0);
    await page.getByRole('button', { name: '发新激活码 李娜' }).click();
    await page.getByRole('button', { name: '确认' }).click();
    await code.waitFor();
    const second = (await code.textContent()) ?? '';
    expect(second)
      .to.match(/^zli_[0-9a-f]{32}$/)
      .and.not.equal(first);
    await signOut(page);
    await page.goto(`${url}/#/officer/search`);
    await activate(page, '李娜', second);
    await signIn(page, '李娜');
    expect(await page.getByRole('link', { name: '管理' }).count()).to.equal(0);
    await page.goto(`${url}/#/administrator`);
    await page.locator('#account-name').waitFor();
  });

  it('sets a second factor up by QR or text, asks for it, and gives it up for password and code', async () => {
    await page.getByText('已登录：李娜').click();
    await page.getByRole('heading', { name: '我的账号' }).waitFor();
    await page.getByText('范围：44、4401、').waitFor();
    await page.getByRole('button', { name: '启用动态验证码' }).click();
    const key = page.getByTestId('factor-key');
    await key.waitFor();
    await waitUntil(page, "document.activeElement?.id === 'factor-code'");
    await expectSound(page);
    const secret = ((await key.textContent()) ?? '').replaceAll(' ', '');
    expect(await readQr(page))
      .to.match(/^otpauth:\/\/totp\//)
      .and.include(`secret=${secret}`);
    const step = () => Math.floor(Date.now() / STEP_MS);
    const codeAt = (at: number) => codeOfStep(fromBase32(secret), at);
    await page.keyboard.type('12345');
    await page.keyboard.press('Enter');
    await page.getByText('请输入六位数字').waitFor();
    const used = step();
    await page.locator('#factor-code').fill(codeAt(used));
    await page.keyboard.press('Enter');
    await page.getByText('已启用：下次登录需要验证码').waitFor();
    expect(await key.count()).to.equal(0);
    await signOut(page);
    await page.locator('#account-name').fill('李娜');
    await page.locator('#account-password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByText('账号名、密码或验证码不对').waitFor();
    // A phone whose clock is a step ahead: the code of this step was used.
    await signIn(page, '李娜', codeAt(used + 1));
    await page.locator('#factor-password').fill('not the password');
    await page.locator('#factor-code').fill(codeAt(used + 2));
    await page.keyboard.press('Enter');
    await page.getByText('账号名、密码或验证码不对').waitFor();
    while (step() < used + 1) await page.waitForTimeout(250);
    await page.locator('#factor-password').fill(PASSWORD);
    await page.locator('#factor-code').fill(codeAt(used + 2));
    await page.keyboard.press('Enter');
    await page.getByText('已取消：登录只需密码').waitFor();
  });

  it('changes the password by the keyboard alone', async () => {
    await page.reload();
    await page.locator('#current-password').waitFor();
    const texts = [PASSWORD, 'another quiet river', 'another quiet river'];
    for (const [i, id] of ['current-password', 'own-password', 'own-again'].entries()) {
      await tabTo(page, `#${id}`);
      await page.keyboard.type(texts[i] ?? '');
    }
    await page.keyboard.press('Enter');
    await page.getByText('密码已修改').waitFor();
    expect(await page.locator('#current-password').inputValue()).to.equal('');
    await signOut(page);
  });

  it('offers an identity provider, tells what it refused, and takes over whom it sent back', async () => {
    await page.route('**/v1/network', async (route) => {
      const response = await route.fetch({ headers: { 'if-none-match': '' } });
      const info = (await response.json()) as object;
      await route.fulfill({ response, json: { ...info, identityProvider: true } });
    });
    await page.goto(`${url}/#/refused/OIDC_NO_ROLE`);
    await page.reload();
    await page.getByText('您的身份在本网关没有岗位').waitFor();
    const way = page.getByRole('link', { name: '用统一身份平台登录' });
    expect(await way.getAttribute('href')).to.equal('/v1/oidc/sign-in');
    await expectSound(page);
    await page.goto(`${url}/#/entered`);
    await page.reload();
    await page.getByText('这次登录已过期').waitFor();
    const body = JSON.stringify({ name: 'wang.fang', password: PASSWORD });
    const headers = { 'Content-Type': 'application/json', 'Zhenglian-Page': '1' };
    const order = JSON.stringify({ method: 'POST', headers, body });
    expect(await page.evaluate(`fetch('/v1/session', ${order}).then((r) => r.status)`)).to.equal(
      200,
    );
    await page.reload();
    await page.getByText('已登录：wang.fang').waitFor();
    await page.getByRole('heading', { name: '账号管理' }).waitFor();
    await page.unroute('**/v1/network');
    await signOut(page);
  });

  it('changes roles and scope of an account, whose session ends', async () => {
    await signIn(page, 'wang.fang');
    await page.goto(`${url}/#/administrator`);
    await page.getByRole('button', { name: '改岗位和范围 李娜' }).click();
    await waitUntil(page, "document.activeElement?.id === 'change-title'");
    const form = page.locator('#change-account');
    expect(await form.getByLabel('签发人员').isChecked()).to.equal(true);
    expect(await form.getByLabel('行政区划代码').inputValue()).to.equal('44 4401');
    await form.getByLabel('签发人员').uncheck();
    await page.getByRole('button', { name: '保存' }).click();
    await page.getByText('请至少选一个岗位').waitFor();
    await expectSound(page);
    await form.getByLabel('窗口人员').check();
    await form.getByLabel('不限行政区划').check();
    await page.getByRole('button', { name: '保存' }).click();
    await page.getByText('账号“李娜”：启用').waitFor();
    expect(await form.count()).to.equal(0);
    expect(await row('李娜').textContent())
      .to.match(/窗口人员.*驾驶证/)
      .and.not.match(/签发人员|4401/);
  });

  it('registers a system with its public key, which then gets a token, and takes that away', async () => {
    const form = page.locator('#new-client');
    const pair = await generateKeyPair('ES256', { extractable: true });
    const secret = { ...(await exportJWK(pair.privateKey)), kid: 'one' };
    await form.getByLabel('系统名称').fill('oa-system');
    await form.getByLabel('公钥（JWK 或 JWKS）').fill('{');
    await page.getByRole('button', { name: '登记', exact: true }).click();
    await page.getByText('这不是公钥的 JSON').waitFor();
    await form.getByLabel('公钥（JWK 或 JWKS）').fill(JSON.stringify(secret));
    await page.getByText('这里面有私钥，没有发送').waitFor();
    await expectSound(page);
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one' };
    await form.getByLabel('公钥（JWK 或 JWKS）').fill(JSON.stringify({ keys: [jwk] }));
    await page.getByRole('button', { name: '登记', exact: true }).click();
    await waitUntil(page, "document.activeElement?.id === 'registered-title'");
    await expectSound(page);
    const id = (await page.getByTestId('client-id').textContent()) ?? '';
    const audience = (await page.getByText(/^urn:zhenglian:/).textContent()) ?? '';
    const ask = () => askToken(url, { id, audience, key: pair.privateKey });
    expect(await ask()).to.equal(200);
    await page.getByRole('button', { name: '停用 oa-system' }).click();
    await page.getByText('其令牌立即失效').waitFor();
    await page.getByRole('button', { name: '确认' }).click();
    await page.getByText('接入系统“oa-system”：停用').waitFor();
    expect(await ask()).to.equal(401);
    await signOut(page);
  });

  it('disables and enables by the keyboard, in English, on a phone and in elder mode', async () => {
    await signIn(page, 'wang.fang');
    await page.goto(`${url}/#/administrator`);
    await row('李娜').waitFor();
    await tabTo(page, '[data-account="李娜"] button:nth-of-type(2)');
    await page.keyboard.press('Enter');
    await waitUntil(page, "document.activeElement?.textContent.trim() === '取消'");
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('账号“李娜”：停用').waitFor();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('button', { name: 'Enable 李娜' }).click();
    await page.getByText('Account “李娜”: Active').waitFor();
    for (const view of ['administrator', 'account']) {
      await page.goto(`${url}/#/${view}`);
      await page.locator('main h2').first().waitFor();
      await expectSound(page);
      const main = ((await page.locator('main').textContent()) ?? '').replaceAll('李娜', '');
      expect(main).to.not.match(/\p{Script=Han}/u);
      expect(await page.evaluate(tooSmall(44))).to.deep.equal([]);
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await page.evaluate(OVERFLOW)).to.equal(0);
      await page.getByRole('button', { name: 'Large text' }).click();
      expect(await page.evaluate(OVERFLOW)).to.equal(0);
      expect(await page.evaluate(tooSmall(60))).to.deep.equal([]);
      await page.getByRole('button', { name: 'Large text' }).click();
      await page.setViewportSize({ width: 1280, height: 900 });
    }
    await context.close();
    expect(errors).to.deep.equal([]);
  });
});
