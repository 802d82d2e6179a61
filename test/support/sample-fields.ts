// SPDX-License-Identifier: Apache-2.0
// Texts of the licences that tests mint: of people and firms that cannot be.
import { formatUscc } from '@zhenglian/core/identifiers/uscc';

/** A driving licence. */
export const SAMPLE_FIELDS = {
  name: '王小明',
  sex: '1',
  birthDate: '1990-03-07',
  nationality: '156',
  address: '浙江省杭州市西湖区文三路一百二十号三单元',
  licenceNo: '999999199003070012',
  firstIssuedOn: '2015-05-01',
  classes: 'C1',
  validFrom: '2021-05-01',
  validTo: '2031-05-01',
  fileNo: '330100123456',
  hearingAid: 'false',
} as const;

/** A licence of a business of the test area. */
export const SAMPLE_BUSINESS = {
  uscc: formatUscc({
    department: '9',
    category: '1',
    area: '999999',
    organisation: 'MA000001',
  }),
  name: '杭州样例有限公司',
  type: '有限责任公司',
  legalRep: '王小明',
  establishedOn: '2020-01-02',
  address: '浙江省杭州市西湖区文三路一号',
  issuedOn: '2020-01-02',
} as const;
