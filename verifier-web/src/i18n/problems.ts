// SPDX-License-Identifier: Apache-2.0
// What a code of the gateway or of this page says to a person. An unknown code is shown as it is.
import { isCodedError } from '@zhenglian/core/errors';
import { GatewayProblem } from '../http.ts';
import { sayFieldReason } from './field-reasons.ts';
import { say } from './language.ts';
import type { Words } from './language.ts';

const WORDS: Readonly<Record<string, Words>> = {
  TOKEN_INVALID: ['令牌不对，或已失效', 'The token is wrong or no longer valid'],
  ROLE_DENIED: ['这枚令牌没有此项权限', 'This token may not do that'],
  SCOPE_DENIED: [
    '不在本账号的地区或证照类型范围内',
    'Outside the divisions or licence types of this account',
  ],
  SIGN_IN_WRONG: ['账号名、密码或验证码不对', 'Name, password or code is wrong'],
  SIGN_IN_WAIT: ['错误次数过多，请稍后再试', 'Too many wrong tries: wait and try again'],
  SIGN_IN_BUSY: ['登录的人太多，请稍后再试', 'Too many sign in at once: try again in a moment'],
  SESSION_NEEDED: ['请先用账号登录', 'Sign in with an account first'],
  ACCOUNT_UNKNOWN: ['没有这个账号', 'There is no such account'],
  ACCOUNT_EXISTS: ['已有同名账号', 'An account has this name already'],
  ACCOUNT_OWN: [
    '本人的账号须由另一位管理员变更',
    'Another administrator must change your own account',
  ],
  INVITATION_INVALID: [
    '激活码不对、已用过或已过期',
    'The activation code is wrong, used or out of date',
  ],
  PASSWORD_WEAK: [
    '密码至少 12 个字符，且不含账号名',
    'A password has 12 characters or more, without the account name',
  ],
  OIDC_NONE: ['本网关没有接入身份平台', 'This gateway has no identity provider'],
  OIDC_STATE: [
    '这次登录已过期，或不是在本浏览器发起的，请重新登录',
    'This sign-in is too old or began in another browser: sign in again',
  ],
  OIDC_REFUSED: [
    '身份平台没有确认这次登录，请重新登录',
    'The identity provider did not confirm it: sign in again',
  ],
  OIDC_NO_ROLE: [
    '您的身份在本网关没有岗位，请联系管理员',
    'Your identity has no role here: call your administrator',
  ],
  OIDC_UNAVAILABLE: [
    '身份平台暂时没有答复，请稍后再试',
    'The identity provider does not answer: try again shortly',
  ],
  FACTOR_EXISTS: ['动态验证码已启用', 'The second factor is in use already'],
  FACTOR_NONE: ['没有启用动态验证码', 'There is no second factor'],
  CSRF_REFUSED: ['请从本页面操作', 'Do this from the page itself'],
  READ_ONLY: ['这个网关只读，不办理签发', 'This gateway is read-only and issues nothing'],
  PURPOSE_REQUIRED: ['请选择用途', 'Choose a purpose'],
  IDEMPOTENCY_MISMATCH: [
    '这一操作已提交过不同的内容，请重新打开页面',
    'This act was already sent with other content: open the page again',
  ],
  REQUEST_INVALID: ['填写的内容不合要求', 'Something entered is not as it must be'],
  BODY_TOO_LARGE: ['内容过大', 'The content is too large'],
  FIELD_INVALID: ['有字段填写有误，请看红色提示', 'Some fields are wrong: see the notes in red'],
  LICENCE_EXISTS: [
    '该当事人已有一份有效的同类证照',
    'This holder already has a living licence of this type',
  ],
  LICENCE_UNKNOWN: ['没有这份证照', 'There is no such licence'],
  LICENCE_NOT_LIVING: ['这份证照已不在有效期内，不能办理', 'This licence is no longer living'],
  TYPE_UNKNOWN: ['没有这类证照', 'There is no such type of licence'],
  TYPE_NOT_ISSUED: ['本网关不签发这类证照', 'This gateway does not issue this type'],
  NOT_ANCHORED: [
    '还在上链存证，稍后即可打印',
    'Still being anchored on the ledger; it can be printed shortly',
  ],
  STATUS_TRANSITION: ['当前状态不能这样变更', 'The present status cannot change like this'],
  IMPORT_COLUMNS: ['表头不对', 'The header is wrong'],
  IMPORT_TOO_LARGE: [
    '文件过大，或解压后过大：请拆分，或另存为 CSV UTF-8',
    'The file is too large, or unpacks to too much: split it, or save it as CSV UTF-8',
  ],
  IMPORT_MALFORMED: [
    '不是可读取的 XLSX 工作簿：请另存为不加密码的 .xlsx',
    'Not a workbook that can be read: save it as .xlsx without a password',
  ],
  IMPORT_STATE: ['这次导入已不在该状态', 'The import is no longer in that state'],
  OWN_APPROVAL: ['不能批准自己填报的', 'Nobody decides about what he prepared himself'],
  APPROVAL_NEEDED: [
    '这类证照须由两名经办人签发：请撤销后重新填报',
    'Two officers issue this type: revoke the licence and prepare a new one',
  ],
  UPLOAD_UNKNOWN: ['上传的文件已不在，请重新上传', 'The file is no longer here: send it again'],
  UPLOAD_OFFSET: ['上传位置不符', 'The part does not follow'],
  UPLOAD_DIGEST: ['收到的文件不完整，请重新上传', 'The file arrived damaged: send it again'],
  UPLOAD_INCOMPLETE: ['文件还没有传完', 'The file is not complete yet'],
  IMPORT_ENCODING: [
    '文件编码无法识别，请用 UTF-8 或 GB 18030',
    'The encoding is not readable: use UTF-8 or GB 18030',
  ],
  IMPORT_UNKNOWN: ['没有这次导入', 'There is no such import'],
  MEDIA_TYPE: ['只接受 CSV 文件', 'Only CSV files are accepted'],
  REQUEST_SPENT: [
    '这个请求已经用过，请刷新请求后再试',
    'This request was used: renew it and try again',
  ],
  REQUEST_UNKNOWN: ['网关不认识这个请求', 'The gateway does not know this request'],
  LEDGER_UNAVAILABLE: [
    '账本暂时不可用，请稍后再试',
    'The ledger is not available: try again later',
  ],
  LEDGER_REFUSED: ['账本拒绝了这次操作', 'The ledger refused this act'],
  COMMIT_UNKNOWN: [
    '账本还没有答复；这一步会自动补完，请稍后刷新查看',
    'The ledger has not answered yet; the act will be completed by itself: look again shortly',
  ],
  SOURCE_UNAVAILABLE: ['该省网关没有答复', 'That province’s gateway did not answer'],
  SOURCE_MALFORMED: ['该省网关的答复无法理解', 'That province’s answer cannot be understood'],
  COPY_UNKNOWN: ['没有这份副本', 'There is no such copy'],
  SET_UNKNOWN: ['没有这个出示范围', 'There is no such set'],
  ANCHOR_WAIT: ['还在上链存证，请稍后再试', 'Still being anchored: try again shortly'],
  SIGNER_UNAVAILABLE: [
    '签名服务暂时没有答复，请稍后再试',
    'The signer does not answer for now: try again shortly',
  ],
  SIGNER_LIMIT: [
    '签名服务按限额或时段拒绝签发，请联系管理员',
    'The signer’s limits or hours do not allow it: call its operator',
  ],
  STORE_UNAVAILABLE: [
    '网关的数据库暂时连不上，请稍后再试',
    'The gateway’s database does not answer: try again shortly',
  ],
  CONFLICT: [
    '同时有人改动了这一项，请刷新后再试',
    'Somebody changed this at the same time: look again and retry',
  ],
  ERASED: ['该当事人的数据已依法删除', 'The data of this were erased'],
  ERASE_LIVING: [
    '还有证照未终止，请先终止或写明法律依据',
    'A licence has not ended: end it first, or state the legal basis',
  ],
  STORAGE_FULL: ['网关存储已满，请联系管理员', 'The gateway’s disk is full: call its operator'],
  INTERNAL: ['网关内部出错', 'The gateway failed'],
  GATEWAY_UNREACHABLE: [
    '连不上网关，请检查网络',
    'The gateway cannot be reached: check the network',
  ],
  GATEWAY_ANSWER: ['网关的答复无法理解', 'The gateway’s answer cannot be understood'],
  CAMERA_DENIED: [
    '浏览器不允许使用摄像头，请在地址栏旁放行，或改用图片、扫码枪',
    'The browser may not use the camera: allow it beside the address, or use a picture or scanner',
  ],
  CAMERA_MISSING: [
    '没有找到摄像头，可改用图片、扫码枪或粘贴',
    'No camera was found: use a picture, a scanner or paste',
  ],
  CAMERA_BUSY: ['摄像头被占用或出错', 'The camera is in use elsewhere or failed'],
  CAMERA_INSECURE: [
    '只有 HTTPS 页面能用摄像头，请用安全地址打开',
    'Cameras work on HTTPS pages only: open the secure address',
  ],
  PICTURE_UNREADABLE: ['这个文件不是能读的图片', 'This file is not a picture that can be read'],
  PICTURE_WITHOUT_CODE: ['图片里没有找到二维码', 'No code was found in the picture'],
};

/** The code of whatever was thrown. */
export function codeOf(error: unknown): string {
  if (error instanceof GatewayProblem || isCodedError<string>(error)) return error.code;
  return 'INTERNAL';
}

/** A code in words. */
export function sayProblem(code: string): string {
  const words = WORDS[code];
  return words === undefined ? code : say(words);
}

/** A problem in words, with what it says of columns or parameters. */
export function sayWhole(error: unknown): string {
  const parts = error instanceof GatewayProblem ? error.problems : [];
  const told = parts.map(({ slot, path, reason }) =>
    [slot ?? path ?? '', sayFieldReason(reason)].join(' ').trim(),
  );
  return [sayProblem(codeOf(error)), ...told].join(' · ');
}
