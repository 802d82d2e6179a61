// SPDX-License-Identifier: Apache-2.0
// Signing in by name on the real network: a cookie that the page does not see, whose name stands in the header, gone
// after signing out, and no way in with a wrong password.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { runNetwork } from '../../scripts/running-network.ts';
import type { RunningNetwork } from '../../scripts/running-network.ts';
import { openPage, startBrowser } from '../support/browser.ts';

const CSV = [
  'name,sex,ethnicity,birthDate,address,idNumber,validFrom,validTo',
  '曹强明,1,01,1985-01-25,陕西省西安市雁塔区滨江大道一号,999999198501256157,2016-06-29,2036-06-29',
].join('\n');

describe('browser: signing in by name', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'zl-account-'));
  const closing: (() => Promise<void>)[] = [];
  let browser: Browser;
  let network: RunningNetwork;

  before(async function () {
    browser = await startBrowser(this);
    closing.push(() => browser.close());
    network = await runNetwork({ dataDir: folder, progress: () => undefined });
    closing.push(() => network.stop());
  });
  after(async () => {
    for (const close of closing) await close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('works with an account of the tour until somebody signs out', async () => {
    const { tour } = network;
    const { name = '', password = '' } =
      tour.accounts.find(({ service, role }) => service === 'P44' && role === 'officer') ?? {};
    const url = tour.services.find((service) => service.name === 'P44')?.url ?? '';
    const { page, context, errors } = await openPage(browser);
    await page.goto(`${url}/#/officer/search`);
    await page.locator('#fingerprint-end').fill(tour.fingerprint.slice(-20));
    await page.keyboard.press('Enter');

    await page.getByLabel('账号名').fill(name);
    await page.getByLabel('密码').fill('not the password');
    await page.keyboard.press('Enter');
    await page.getByText('账号名、密码或验证码不对').waitFor();
    expect(await page.getByLabel('密码').inputValue()).to.equal('');
    await page.getByLabel('密码').fill(password);
    await page.keyboard.press('Enter');
    await page.getByText(`已登录：${name}`).waitFor();

    const [cookie] = await context.cookies();
    expect(cookie).to.include({ name: 'zl', httpOnly: true, sameSite: 'Strict' });
    expect(await page.evaluate<string>('document.cookie')).to.equal('');
    const kept = await page.evaluate<string>('JSON.stringify({ ...sessionStorage })');
    expect(kept)
      .to.not.include(password)
      .and.not.include(cookie?.value ?? '-');

    // A write: the page's own header goes with the cookie.
    await page.goto(`${url}/#/officer/mint`);
    await page.getByLabel('证照类型').selectOption('driving');
    await page.getByRole('button', { name: '签发' }).click();
    await page.getByText('有 12 处需要修改').waitFor();
    // A file: sent in parts, its results fetched as a file.
    await page.goto(`${url}/#/officer/import`);
    await page.getByLabel('证照类型').selectOption('resident-id');
    const file = { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) };
    await page.locator('#import-file').setInputFiles(file);
    await page.getByRole('button', { name: '开始导入' }).click();
    await page.locator('#import-progress', { hasText: '导入完成' }).waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: '下载逐行结果' }).click();
    expect(readFileSync(await (await saved).path(), 'utf8')).to.contain('accepted');
    await page.reload();
    await page.getByText(`已登录：${name}`).waitFor();

    await page.getByRole('button', { name: '退出登录' }).click();
    await page.getByLabel('账号名').waitFor();
    expect(await context.cookies()).to.deep.equal([]);
    const headers = { Cookie: `zl=${cookie?.value ?? ''}` };
    expect((await fetch(`${url}/v1/session`, { headers })).status).to.equal(401);
    await context.close();
    expect(errors.filter((line) => !line.includes('401'))).to.deep.equal([]);
  });

  it('makes no accounts twice, and new ones where a start was cut off', async () => {
    const before = network.tour.accounts;
    await network.stop();
    closing.pop();
    network = await runNetwork({ dataDir: folder, progress: () => undefined });
    closing.push(() => network.stop());
    expect(network.tour.accounts).to.deep.equal(before);
    await network.stop();
    closing.pop();
    rmSync(join(folder, 'tour.json'));
    network = await runNetwork({ dataDir: folder, progress: () => undefined });
    closing.push(() => network.stop());
    const { name, password } = network.tour.accounts[0] ?? {};
    const url = network.tour.services[0]?.url ?? '';
    const answer = await fetch(`${url}/v1/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name, password }),
    });
    expect(answer.status).to.equal(200);
  });
});
