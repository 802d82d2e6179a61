// SPDX-License-Identifier: Apache-2.0
// What every error means and what to do about it, in both languages.
import { isCodedError } from '@zhenglian/core/errors';
import type { ErrorCode } from '@zhenglian/core/errors';
import type { Label } from '@zhenglian/core/types/definition';
import { UsageError } from './wallet-error.ts';
import type { WalletErrorCode } from './wallet-error.ts';
import type { Lang } from './words.ts';

type SpokenCode = Exclude<WalletErrorCode, 'USAGE'>;

const WALLET: Readonly<Record<SpokenCode, Label>> = {
  WALLET_MISSING: {
    zh: '这里还没有钱包：先运行 init',
    en: 'there is no wallet here yet: run init first',
  },
  WALLET_EXISTS: {
    zh: '这个文件夹已有内容，不会覆盖：换一个 --wallet',
    en: 'this folder is not empty and is left as it is: name another with --wallet',
  },
  WALLET_LOCKED: {
    zh: '钱包正被另一个程序使用：稍后再试',
    en: 'another program has the wallet open: try again when it is done',
  },
  WALLET_CORRUPT: {
    zh: '钱包文件已损坏或被改动：请恢复备份，或向发证机关重新领取',
    en: 'the wallet is damaged or was altered: restore a backup, or claim anew at the office',
  },
  WALLET_UNWRITABLE: {
    zh: '不能在这里写入钱包：检查文件夹权限和磁盘空间',
    en: 'the wallet cannot be written here: check the folder and the free space',
  },
  PASSPHRASE_NEEDED: {
    zh: '需要口令：在终端运行，或设置 ZHENGLIAN_PASSPHRASE，或用 --passphrase-file',
    en: 'a passphrase is needed: use a terminal, ZHENGLIAN_PASSPHRASE or --passphrase-file',
  },
  PASSPHRASE_WRONG: { zh: '口令不正确', en: 'the passphrase is wrong' },
  PASSPHRASE_WEAK: { zh: '口令至少要 8 个字符', en: 'a passphrase has at least 8 characters' },
  PASSPHRASE_MISMATCH: { zh: '两次输入的口令不一致', en: 'the two passphrases differ' },
  NOT_IN_WALLET: {
    zh: '钱包里没有这份证照：用 list 查看',
    en: 'the wallet has no such licence: see list',
  },
  LICENCE_AMBIGUOUS: {
    zh: '有多份证照符合：请用 list 里的系统编号指明',
    en: 'several licences fit: name one by its handle, see list',
  },
  SET_UNKNOWN: {
    zh: '这类证照没有这个出示范围：用 show 查看',
    en: 'this licence has no such disclosure set: see show',
  },
  REQUEST_EXPIRED: {
    zh: '这个请求已过期：请窗口重新出示',
    en: 'the request is out of time: ask the counter for a new one',
  },
  COPY_EXPIRED: {
    zh: '副本已到期：运行 renew 续期',
    en: 'the copy has ended: run renew',
  },
  COPY_REFUSED: {
    zh: '收到的副本没有通过核验，未保存：请告知发证机关',
    en: 'the copy received does not stand up to verification and was not kept: tell the office',
  },
  NETWORK_MISMATCH: {
    zh: '网络指纹与已确认的不同：这个网关属于另一个网络，已拒绝',
    en: 'the network fingerprint is not the one confirmed: this gateway is refused',
  },
  FINGERPRINT_NEEDED: {
    zh: '第一次领取须确认网络指纹：用 --fingerprint 给出纸面上的指纹',
    en: 'the first claim confirms the network: give the fingerprint on paper with --fingerprint',
  },
  GATEWAY_UNREACHABLE: {
    zh: '连不上网关：检查网络和 --gateway 的地址，再次运行即可继续',
    en: 'the gateway cannot be reached: check --gateway; running again goes on where it stopped',
  },
  GATEWAY_ANSWER: {
    zh: '网关的回答无法理解',
    en: 'the gateway answered in a way that is not understood',
  },
  GATEWAY_REFUSED: { zh: '网关拒绝了请求', en: 'the gateway refused' },
  DECLINED: { zh: '没有得到确认，什么也没有做', en: 'not confirmed: nothing was done' },
  OUTPUT_UNWRITABLE: { zh: '不能写入输出文件', en: 'the output file cannot be written' },
  CLAIM_CODE_UNKNOWN: { zh: '没有这个领取码', en: 'there is no such claim code' },
  CLAIM_CODE_SPENT: {
    zh: '领取码已被使用：请向发证机关另要一个',
    en: 'the claim code has been used: ask the office for another',
  },
  CLAIM_CODE_EXPIRED: {
    zh: '领取码已过期：请向发证机关另要一个',
    en: 'the claim code is out of time: ask the office for another',
  },
  CLAIM_TRIES: { zh: '错误次数过多', en: 'too many wrong tries' },
  CLAIM_PROOF: {
    zh: '证明不符：检查 --last-six（证件号后六位）和本机时钟',
    en: 'the proof does not fit: check --last-six and the clock of this device',
  },
  LICENCE_NOT_LIVING: {
    zh: '证照已吊销、被替换或副本已撤销',
    en: 'the licence is revoked or superseded, or the copy was revoked',
  },
  COPY_UNKNOWN: { zh: '网关不认识这个副本', en: 'the gateway knows no such copy' },
  ANCHOR_WAIT: {
    zh: '证照还没有上链：稍后用同一领取码再次运行',
    en: 'the licence is not anchored yet: run again later with the same code',
  },
};

const CORE: Readonly<Partial<Record<ErrorCode, Label>>> = {
  QR_PREFIX: {
    zh: '这不是出示请求：应以 ZLQ1: 开头',
    en: 'this is not a request: it begins with ZLQ1:',
  },
  QR_TOO_LONG: {
    zh: '内容太多，放不进一个二维码：少选几项',
    en: 'too much for one code: show fewer fields',
  },
  REQUEST_INVALID: {
    zh: '请求输入有误或不完整：请重新输入',
    en: 'the request was mistyped or cut: enter it again',
  },
  FIELD_INVALID: {
    zh: '这份证照没有这个字段：用 show 查看',
    en: 'the licence has no such field: see show',
  },
  CLAIM_CODE_INVALID: {
    zh: '领取码是 16 个字母和数字',
    en: 'a claim code has 16 letters and digits',
  },
  ANSWER_NETWORK: {
    zh: '信任清单属于另一个网络，已拒绝',
    en: 'the trust bundle is of another network and is refused',
  },
  ANSWER_OLDER: {
    zh: '网关给出的信任清单比见过的旧，已拒绝',
    en: 'the gateway gave an older trust bundle than one seen before: refused',
  },
};

const INTERNAL: Label = { zh: '程序出错', en: 'something is wrong with this program' };

/** Words for a caught value; a code without words of its own says what its thrower said. */
export function errorWords(error: unknown, lang: Lang): string {
  if (error instanceof UsageError) return error.words[lang];
  if (!isCodedError<string>(error)) return INTERNAL[lang];
  const known: Readonly<Record<string, Label | undefined>> = { ...WALLET, ...CORE };
  const words = Object.hasOwn(known, error.code) ? known[error.code] : undefined;
  return words?.[lang] ?? error.message.slice(error.code.length + 2);
}
