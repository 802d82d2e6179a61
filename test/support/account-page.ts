// SPDX-License-Identifier: Apache-2.0
// What people with accounts do on the page, in Chinese; and what a registered system does without it.
import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { CryptoKey } from 'jose';
import jsQR from 'jsqr';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';

export const PASSWORD = 'the quiet river at night';

/** Sets the password of an account with its activation code. */
export async function activate(page: Page, name: string, code: string): Promise<void> {
  await page.getByText('我有激活码').click();
  await page.locator('#activation-name').fill(name);
  await page.locator('#activation-code').fill(code);
  await page.locator('#activation-password').fill(PASSWORD);
  await page.locator('#activation-again').fill(PASSWORD);
  await page.getByRole('button', { name: '设置密码' }).click();
  await page.getByText('密码已设置，现在可以用账号登录。').waitFor();
}

export async function signIn(page: Page, name: string, code = ''): Promise<void> {
  await page.locator('#account-name').fill(name);
  await page.locator('#account-password').fill(PASSWORD);
  await page.locator('#account-code').fill(code);
  await page.keyboard.press('Enter');
  await page.getByText(`已登录：${name}`).waitFor();
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: '退出登录' }).click();
  await page.locator('#account-name').waitFor();
}

/** The text of the code on the page, read from its picture as a phone does. */
export async function readQr(page: Page): Promise<string> {
  const picture = PNG.sync.read(await page.locator('main svg.qr').screenshot());
  const pixels = new Uint8ClampedArray(picture.data);
  return jsQR.default(pixels, picture.width, picture.height)?.data ?? '';
}

/** The status of the answer to a system that asks for a token with its key `one`. */
export async function askToken(
  url: string,
  {
    id,
    audience,
    key,
  }: { readonly id: string; readonly audience: string; readonly key: CryptoKey },
): Promise<number> {
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer(id)
    .setSubject(id)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime('2m')
    .sign(key);
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  });
  return (await fetch(`${url}/v1/token`, { method: 'POST', body })).status;
}
