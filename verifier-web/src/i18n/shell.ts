// SPDX-License-Identifier: Apache-2.0
// Texts of the frame: header, sign-in, the comparison of the fingerprint.
import type { Words } from './language.ts';

export const shell = {
  product: ['证链', 'Zhenglian'],
  subtitle: ['电子证照签发与核验', 'Issuing and checking electronic licences'],
  skip: ['跳到正文', 'Skip to content'],
  navigation: ['主导航', 'Main navigation'],
  counter: ['核验', 'Check'],
  officer: ['签发', 'Issue'],
  regulator: ['监管', 'Oversee'],
  administrator: ['管理', 'Manage'],
  account: ['我的账号', 'My account'],
  elder: ['长辈版', 'Large text'],
  otherLanguage: ['English', '中文'],
  signOut: ['退出登录', 'Sign out'],
  loading: ['正在连接网关……', 'Connecting to the gateway …'],
  noGateway: ['连不上网关', 'The gateway cannot be reached'],
  noGatewayMore: [
    '这台电脑还没有保存过网络信息，首次使用必须联网。请检查网线或无线网络后重试。',
    'This computer has never been connected, and the first time needs a network. Check the cable or Wi-Fi and try again.',
  ],
  retry: ['重试', 'Try again'],
  offline: [
    '现在没有网络：使用本机保存的依据，核验结论可能是“无法判定”。',
    'No network: kept evidence is used, and the answer may be “cannot tell”.',
  ],
  network: ['网络指纹', 'Network fingerprint'],
  pinTitle: ['首次使用：与纸面核对网络指纹', 'First use: compare the fingerprint with paper'],
  pinWhy: [
    '核验结论是否可信，取决于这台电脑认准哪个网络。请拿出主管部门发放的纸面指纹，逐组核对，再从纸上抄录最后 20 个字符。只需一次。',
    'Whether an answer can be believed depends on which network this computer trusts. Take the fingerprint your supervisor gave you on paper, compare each group, and type its last 20 characters from the paper. This is done once.',
  ],
  pinGroups: ['网关给出的指纹', 'The fingerprint this gateway names'],
  pinHidden: [
    '最后五组不显示，请看纸面',
    'the last five groups are hidden: read them from the paper',
  ],
  pinInput: ['纸面上的最后 20 个字符', 'Last 20 characters on the paper'],
  pinConfirm: ['核对无误，认准这个网络', 'They match: trust this network'],
  pinWrong: [
    '与网关给出的不一致。请再看一遍纸面；仍不一致，不要继续，请联系主管。',
    'This differs from what the gateway names. Look at the paper again; if it still differs, stop and call your supervisor.',
  ],
  differentTitle: ['这个网关属于另一个网络', 'This gateway belongs to another network'],
  differentWhy: [
    '这台电脑认准的网络与网关给出的不同。可能有人冒充网关，也可能网络重新建立过。已停止核验；请立即联系主管。',
    'This computer trusts a network other than the one this gateway names. Somebody may be posing as your gateway, or the network was founded anew. Checking has stopped: call your supervisor now.',
  ],
  differentPinned: ['本机认准的指纹', 'Trusted on this computer'],
  differentOffered: ['网关给出的指纹', 'Named by this gateway'],
  differentReplace: ['主管已书面发放新的指纹', 'My supervisor gave me a new fingerprint on paper'],
  differentHow: [
    '只有拿到新的纸面指纹才能更换。请核对上面“网关给出的指纹”，并抄录纸面最后 20 个字符。',
    'Replace it only with the new paper in your hand: compare the groups above and type the last 20 characters from the paper.',
  ],
  signInTitle: ['登录', 'Sign in'],
  signInWhy: [
    '请用本人的账号或工作令牌登录。令牌只保存到关闭本窗口为止。',
    'Use your own account or staff token. A token is kept until this window is closed.',
  ],
  signInByName: ['用账号登录', 'Sign in with your account'],
  signInByProvider: ['用统一身份平台登录', 'Sign in with your identity provider'],
  entering: ['正在登录……', 'Signing in …'],
  signInByToken: ['用工作令牌登录', 'Sign in with a staff token'],
  name: ['账号名', 'Account name'],
  password: ['密码', 'Password'],
  code: ['动态验证码（已启用时填写）', 'Code of the authenticator app (if you use one)'],
  nameEmpty: ['请输入账号名和密码', 'Enter account name and password'],
  signedInAs: ['已登录：{name}', 'Signed in: {name}'],
  signOutFailed: ['没有连上网关，尚未退出', 'The gateway did not answer: you are still signed in'],
  token: ['工作令牌', 'Staff token'],
  showToken: ['显示令牌', 'Show the token'],
  signInFor: ['“{page}”需要相应岗位的令牌。', '“{page}” needs a token of its own role.'],
  detour: [
    '这枚令牌属于{role}，因此打开了“{page}”。“{wanted}”需要另一种岗位的令牌。',
    'This token belongs to the role “{role}”, so “{page}” was opened. “{wanted}” needs a token of another role.',
  ],
  understood: ['知道了', 'Understood'],
  tokenEmpty: ['请输入令牌', 'Enter the token'],
  withoutNetwork: ['没有网络，先离线核验', 'Check without a network'],
  purpose: ['用途', 'Purpose'],
  footer: [
    '结论由本页在浏览器内计算，不依赖网关的说法。',
    'Answers are computed in this browser and do not rest on the gateway’s word.',
  ],
} as const satisfies Record<string, Words>;

export const roleWords = {
  officer: ['签发人员', 'officer'],
  clerk: ['窗口人员', 'clerk'],
  regulator: ['监管人员', 'regulator'],
  approver: ['审批人员', 'approver'],
  administrator: ['管理员', 'administrator'],
  machine: ['系统接口', 'machine'],
} as const satisfies Record<string, Words>;

export const purposeWords = {
  'counter-service': ['窗口办事', 'Counter service'],
  inspection: ['执法检查', 'Inspection'],
  issuance: ['签发证照', 'Issuing'],
  correction: ['更正信息', 'Correction'],
  'holder-request': ['应持证人要求', 'At the holder’s request'],
  audit: ['审计', 'Audit'],
  training: ['培训演练', 'Training'],
} as const satisfies Record<string, Words>;

/** Purposes that an act has by what it is; nobody chooses them. */
export const actPurposes = {
  supervision: ['监督管理', 'Supervision'],
  administration: ['系统管理', 'Administration'],
  access: ['登录与授权', 'Access'],
  anchoring: ['上链存证', 'Anchoring'],
  unstated: ['未说明', 'Not stated'],
} as const satisfies Record<string, Words>;
