// SPDX-License-Identifier: Apache-2.0
// What the person at the counter reads aloud and does: three lines for each verdict, others where the reason asks for them.
// Nothing here comes from a licence; the verdict area shows these texts only.
import type { ReasonCode } from '@zhenglian/core/reasons';
import type { Report, Verdict } from '@zhenglian/core/report';
import type { Words } from './language.ts';

/** What it means, what to say, what to do next. */
export interface Script {
  readonly meaning: Words;
  readonly say: Words;
  readonly next: Words;
}

const SCRIPTS: Readonly<Record<Verdict, Script>> = {
  VALID: {
    meaning: [
      '证照真实，目前有效，持证人已当场证明。',
      'The licence is genuine and in force, and the holder has proven it.',
    ],
    say: ['“您的证照有效，可以办理。”', '“Your licence is valid; we can go on.”'],
    next: ['继续办理。', 'Go on with the matter.'],
  },
  REVOKED: {
    meaning: [
      '证照是真的，但颁发机构已经吊销或注销。',
      'The licence is genuine, but its authority has revoked it.',
    ],
    say: [
      '“系统显示这份证照已吊销，请向颁发机构查询原因。”',
      '“Our system shows this licence as revoked. Please ask the authority that issued it.”',
    ],
    next: [
      '不予办理；请当事人联系颁发机构。',
      'Do not go on; refer the person to the issuing authority.',
    ],
  },
  SUSPENDED: {
    meaning: [
      '证照是真的，但目前被暂停，可能恢复。',
      'The licence is genuine but suspended for now; it may be reinstated.',
    ],
    say: [
      '“这份证照目前被暂停，恢复之后可以再来。”',
      '“This licence is suspended at the moment. You can come back once it is reinstated.”',
    ],
    next: [
      '暂不办理；告知当事人联系颁发机构。',
      'Do not go on now; refer the person to the issuing authority.',
    ],
  },
  INVALID: {
    meaning: [
      '这份出示没有通过核验，不能作为证照使用。',
      'What was shown did not pass and cannot count as a licence.',
    ],
    say: [
      '“这份证照没有通过核验，请出示原件。”',
      '“This did not pass our check. Please show the original.”',
    ],
    next: [
      '不予办理；请看下面没有通过的检查，疑似伪造时报告主管。',
      'Do not go on; see which check failed below and report a suspected forgery.',
    ],
  },
  UNDETERMINED: {
    meaning: [
      '现在无法得出结论。这不表示证照有问题。',
      'No answer is possible now. This does not mean that anything is wrong with the licence.',
    ],
    say: [
      '“系统暂时查不到结果，请稍等，我再核验一次。”',
      '“Our system cannot answer right now. One moment, I will check again.”',
    ],
    next: [
      '检查网络后再核验一次；仍不行，按线下规定人工核对。',
      'Check the network and try again; if it still fails, follow the rules for manual checks.',
    ],
  },
};

const BY_REASON: Readonly<Partial<Record<ReasonCode, Partial<Script>>>> = {
  HOLDER_DOCUMENT: {
    meaning: [
      '证照真实，目前有效；但打印件不能证明来人就是持证人。',
      'The licence is genuine and in force, but a printout does not prove who is showing it.',
    ],
    next: [
      '核对本人相貌或其他证件后，继续办理。',
      'Compare the person with the licence or another document, then go on.',
    ],
  },
  HOLDER_RECENT: {
    meaning: [
      '证照真实，目前有效，持证人刚刚用手机出示。',
      'The licence is genuine and in force, and the holder’s phone has just shown it.',
    ],
  },
  SUPERSEDED: {
    meaning: ['这一版已经换发，旧版作废。', 'A newer issue has replaced this one.'],
    say: [
      '“这份是旧版，请出示换发后的新证照。”',
      '“This is an old issue. Please show the new one.”',
    ],
    next: ['请当事人出示新证照，再核验。', 'Ask for the new licence and check that.'],
  },
  QR_PREFIX: {
    meaning: ['扫到的不是证照二维码。', 'What was scanned is not a licence code.'],
    say: ['“请打开电子证照的二维码。”', '“Please open the code of your licence.”'],
    next: ['请当事人出示证照二维码，再扫一次。', 'Ask for the licence code and scan again.'],
  },
  SIGNATURE_INVALID: {
    meaning: [
      '二维码里的内容与颁发机构的签名对不上：内容被改动过，或者不是该机构签发的。',
      'What the code says and the authority’s signature do not match: it was altered, or that authority never issued it.',
    ],
    say: [
      '“这份证照没有通过核验，请出示原件，或从钱包里重新打开。”',
      '“This did not pass our check. Please show the original, or open it anew in your wallet.”',
    ],
    next: [
      '重新扫一次，排除误读；仍不通过，不予办理，按疑似伪造报告主管。',
      'Scan once more, in case it was misread; if it fails again, do not go on and report a suspected forgery.',
    ],
  },
  EXPIRED: {
    meaning: ['证照已经过了有效期。', 'The licence has expired.'],
    say: ['“这份证照已过期，请先换证。”', '“This licence has expired. Please renew it first.”'],
    next: ['不予办理；告知换证地点。', 'Do not go on; tell the person where to renew.'],
  },
  NOT_YET_VALID: {
    meaning: ['证照还没有到生效日期。', 'The licence is not valid yet.'],
    say: ['“这份证照还没有生效。”', '“This licence is not valid yet.”'],
    next: ['请当事人在生效日期之后再来。', 'Ask the person to come back once it is valid.'],
  },
  HOLDER_PROOF_MISSING: {
    meaning: [
      '手机证照没有当场签名，可能是截屏或翻拍。',
      'A phone’s licence without a fresh proof: it may be a screenshot.',
    ],
    say: [
      '“请在手机上打开证照，重新出示二维码。”',
      '“Please open the licence on your phone and show the code again.”',
    ],
    next: ['请当事人当场重新出示，不接受截屏。', 'Ask for a fresh code; take no screenshots.'],
  },
  HOLDER_PROOF_INVALID: {
    meaning: [
      '持证人的当场签名不成立：二维码被改动过，或者应答的不是本窗口现在的请求。',
      'The holder’s proof does not hold: the code was altered, or it answers another request than the one on this screen.',
    ],
    say: [
      '“请扫描屏幕上的请求码，用您自己的手机重新出示一次。”',
      '“Please scan the request on the screen and show the code again on your own phone.”',
    ],
    next: [
      '刷新请求，请当事人重新应答；仍不通过，按疑似伪造报告主管。',
      'Renew the request and let the holder answer it; if that fails too, report a suspected forgery.',
    ],
  },
  HOLDER_PROOF_OLD: {
    meaning: ['出示的二维码已经超时。', 'The code was made too long ago.'],
    say: ['“二维码超时了，请刷新后再出示。”', '“The code is too old. Please refresh it.”'],
    next: ['请当事人刷新二维码，再扫一次。', 'Ask for a refreshed code and scan again.'],
  },
  PRESENTATION_REPLAYED: {
    meaning: ['同一次出示已经用过。', 'This very presentation was used before.'],
    say: ['“请刷新二维码，再出示一次。”', '“Please refresh the code and show it again.”'],
    next: ['请当事人当场重新出示。', 'Ask the holder to make a new code here and now.'],
  },
  REQUEST_EXPIRED: {
    meaning: ['应答来得太晚，请求已过时限。', 'The answer came after the request had expired.'],
    say: [
      '“刚才的请求超时了，请再扫一次屏幕上的请求码。”',
      '“The request expired. Please scan the new one on the screen.”',
    ],
    next: ['刷新请求，请当事人重新应答。', 'Renew the request and let the holder answer it.'],
  },
  REQUEST_OTHER_ACT: {
    meaning: [
      '应答的是为另一个事项发出的请求。',
      'The answer was made for a request about another act.',
    ],
    say: ['“请再扫一次屏幕上的请求码。”', '“Please scan the request on the screen again.”'],
    next: ['刷新请求，请当事人重新应答。', 'Renew the request and let the holder answer it.'],
  },
  HOLDER_LEVEL: {
    meaning: [
      '该事项要求持证人当场应答，这种出示方式不够。',
      'This act demands that the holder answers a request; what was shown is not enough.',
    ],
    say: [
      '“请用手机扫描屏幕上的请求码，再出示。”',
      '“Please scan the request on the screen with your phone.”',
    ],
    next: ['请当事人应答屏幕上的请求。', 'Let the holder answer the request on the screen.'],
  },
  ANCHOR_NOT_COVERED: {
    meaning: [
      '证照比手头的链上依据更新，还不能确认。',
      'The licence is newer than the evidence at hand.',
    ],
    next: ['联网后再核验一次。', 'Check again once there is a network.'],
  },
  ANCHOR_PENDING: {
    meaning: [
      '证照刚刚签发，还在等待上链存证。',
      'The licence was just issued and waits for its anchor.',
    ],
    next: ['过几分钟再核验一次。', 'Check again in a few minutes.'],
  },
  ANCHOR_OVERDUE: {
    meaning: [
      '证照早该上链存证，至今没有，不能确认。',
      'The licence should have been anchored by now and is not, so it is not confirmed.',
    ],
    next: ['请颁发机构查明原因。', 'Ask the issuing authority why.'],
  },
  CLOCK_BEHIND: {
    meaning: ['本机时钟不准，无法判断时间。', 'This computer’s clock is wrong.'],
    next: ['校准本机时间后再核验。', 'Set the clock and check again.'],
  },
  POLICY_UNKNOWN: {
    meaning: ['没有这个事项的核验规定。', 'There is no policy for this act.'],
    next: ['换一个事项再核验。', 'Choose another act and check again.'],
  },
};

/** The reason that decided: of the check that failed, or is unknown, or tells how the holder was proven. */
export function mainReason(report: Report): ReasonCode {
  const wanted: Readonly<Record<Verdict, (check: Report['checks'][number]) => boolean>> = {
    VALID: (check) => check.name === 'holder',
    REVOKED: (check) => check.name === 'status',
    SUSPENDED: (check) => check.name === 'status',
    INVALID: (check) => check.outcome === 'fail',
    UNDETERMINED: (check) => check.outcome === 'unknown' && check.reason !== 'NOT_CHECKED',
  };
  return report.checks.find(wanted[report.verdict])?.reason ?? 'NOT_CHECKED';
}

/** The three lines for a report. */
export function scriptOf(report: Report): Script {
  const unreadable = report.checks.some((c) => c.name === 'format' && c.outcome === 'fail');
  return {
    ...SCRIPTS[report.verdict],
    ...(unreadable ? UNREADABLE : {}),
    ...BY_REASON[mainReason(report)],
  };
}

/** A code that could not even be opened: misread, cut, or altered by hand. */
const UNREADABLE: Script = {
  meaning: [
    '二维码里的内容不完整或被改动过，读不出证照。',
    'The code is incomplete or was altered: no licence can be read from it.',
  ],
  say: [
    '“二维码读不出来，请重新打开，我再扫一次。”',
    '“The code cannot be read. Please open it again and let me scan once more.”',
  ],
  next: [
    '请当事人重新打开二维码再扫；仍读不出，请出示原件，反复如此时报告主管。',
    'Have the code opened anew and scan again; if that fails, ask for the original, and report it when it keeps happening.',
  ],
};
