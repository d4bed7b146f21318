import type { FindingTable } from './finding.ts'

/** What can come of one part of a bundle. Reasons are added, never renamed. */
export type EvidenceReason =
  | 'OTHER_HALO'
  | 'HALO_UNKNOWN'
  | 'OWNER_NOT_SHOWN'
  | 'OTHER_DATASET'
  | 'OTHER_OWNER'
  | 'REPEATED'
  | 'NOT_AN_OPERATOR'
  | 'SIGNER_UNKNOWN'
  | 'OPERATORS_UNKNOWN'
  | 'RECORD_ABSENT'
  | 'RECORD_SIGNED'
  | 'RECORD_MATCHES'
  | 'RECORD_DIFFERS'
  | 'RECORD_NOT_SIGNED'
  | 'INCLUSION_ABSENT'
  | 'LOGGED_AND_SIGNED'
  | 'LOGGED_AND_ANCHORED'
  | 'RECORD_NOT_LINKED'
  | 'LOG_UNCONFIRMED'
  | 'LOG_KEY_DIFFERS'
  | 'SALT_DELETED'
  | 'OTHER_LOG'
  | 'OTHER_RECORD'
  | 'ENTRY_NOT_IN_TREE'
  | 'LOG_SIGNATURE_WRONG'
  | 'CHECKPOINT_MALFORMED'
  | 'ANCHOR_ABSENT'
  | 'ANCHORED'
  | 'ANCHORED_IN_BLOCK'
  | 'BLOCK_NOT_CONFIRMED'
  | 'CHAIN_NOT_ASKED'
  | 'NOT_ANCHORED_YET'
  | 'ANCHOR_DENIED'
  | 'ANCHOR_DIFFERS'
  | 'ANCHOR_PROOF_WRONG'
  | 'OTHER_BLOCK'
  | 'CONSENT_ABSENT'
  | 'GRANTED'
  | 'DECLINED'
  | 'WITHDRAWN'
  | 'GRANTED_THEN_WITHDRAWN'
  | 'ANSWER_NOT_SIGNED'
  | 'STATEMENT_DIFFERS'
  | 'ACCESS_ABSENT'
  | 'REQUEST_ABSENT'
  | 'ACCESS_SHOWN'
  | 'ACCESS_REFUSED'
  | 'ACCESS_TOO_EARLY'
  | 'ACCESS_TOO_LATE'
  | 'RECEIVER_ALONE'
  | 'DELIVERY_NOT_SIGNED'
  | 'EVENT_NOT_SIGNED'
  | 'OTHER_RECEIVER'
  | 'DELETION_ABSENT'
  | 'DELETION_STATED'
  | 'DELETION_NOT_SIGNED'

/** Verdict and sentence of each reason. */
export const EVIDENCE_FINDINGS: FindingTable<EvidenceReason> = {
  OTHER_HALO: ['broken', 'This was made for other contracts than those of the Halo it is checked for.'],
  HALO_UNKNOWN: [
    'missing',
    'Contract {contract} holds this state of the log since block {block}, {time}. Only this file names that contract: whether it is that of the Halo that is meant is not known here.',
  ],
  OWNER_NOT_SHOWN: [
    'missing',
    'The signatures are genuine, but without the record nothing shows that this data set is that of {owner}.',
  ],
  OTHER_DATASET: ['broken', 'It is about another data set than the rest of this file.'],
  OTHER_OWNER: ['broken', 'It is about a record of somebody else than the rest of this file.'],
  REPEATED: ['broken', 'Number {item} is there twice: the same, signed by the same.'],
  NOT_AN_OPERATOR: [
    'broken',
    'Number {item} is signed by somebody who was no operator of this Halo by then.',
  ],
  SIGNER_UNKNOWN: [
    'missing',
    'Number {item} is signed by {signer}, who is not among the operators known here. The list may lack somebody: compare it with the chain.',
  ],
  OPERATORS_UNKNOWN: [
    'missing',
    'The signatures are genuine, but who the operators of this Halo are is not known here.',
  ],

  RECORD_ABSENT: ['missing', 'This file does not say whose record it is about.'],
  RECORD_SIGNED: [
    'verified',
    'The owner {owner} signed for this record and its description. The record itself was not compared.',
  ],
  RECORD_MATCHES: ['verified', 'The record is exactly the one that its owner {owner} signed for.'],
  RECORD_DIFFERS: [
    'broken',
    'The record that was compared is not the one that its owner signed for, or was changed since.',
  ],
  RECORD_NOT_SIGNED: [
    'broken',
    'The signature is not that of the named owner for this record and description.',
  ],

  INCLUSION_ABSENT: ['missing', 'This file does not show that the record was entered in a log.'],
  LOGGED_AND_SIGNED: [
    'verified',
    'It is entry {entry} of {size} in the log of operator {operator}, who signed for these entries.',
  ],
  LOGGED_AND_ANCHORED: [
    'verified',
    'It is entry {entry} of {size} in the log of operator {operator}, as the chain has it.',
  ],
  RECORD_NOT_LINKED: [
    'missing',
    'The entry is in a log, but without the record nothing shows that it is that of the data set in the rest of this file.',
  ],
  LOG_UNCONFIRMED: [
    'missing',
    'It leads to the state of a log that neither a known operator nor the chain confirms.',
  ],
  LOG_KEY_DIFFERS: [
    'missing',
    'The state of the log is signed, but not with the key that is known of its operator.',
  ],
  SALT_DELETED: [
    'missing',
    'The salt was deleted, so nobody can tell any more which entry of the log this was.',
  ],
  OTHER_LOG: ['broken', 'The log is not one of this Halo.'],
  OTHER_RECORD: ['broken', 'The entry in the log is that of another record or description.'],
  ENTRY_NOT_IN_TREE: [
    'broken',
    'The entry is not where the receipt says: it does not lead to the state of the log.',
  ],
  LOG_SIGNATURE_WRONG: ['broken', 'A signature under the state of the log is not by the key it names.'],
  CHECKPOINT_MALFORMED: ['broken', 'The state of the log is not written in its form.'],

  ANCHOR_ABSENT: ['missing', 'This file names no log whose state could be on the chain.'],
  ANCHORED: ['verified', 'The chain has held this state of the log since block {block}, {time}.'],
  ANCHORED_IN_BLOCK: [
    'verified',
    'The chain has held this state of the log since block {block}, {time}, as block {blockHash} shows.',
  ],
  BLOCK_NOT_CONFIRMED: [
    'missing',
    'If the chain has a block {blockHash}, it has held this state of the log since block {block}, {time}. Compare that hash with a source you trust.',
  ],
  CHAIN_NOT_ASKED: [
    'missing',
    'The receipt says that the state of the log is on the chain; the chain was not asked.',
  ],
  NOT_ANCHORED_YET: ['missing', 'The state of the log is not known to be on the chain.'],
  ANCHOR_DENIED: [
    'broken',
    'The receipt says that the state of the log is on the chain, but the chain does not have it.',
  ],
  ANCHOR_DIFFERS: [
    'broken',
    'The chain has this state of the log, but not from when or where the receipt says.',
  ],
  ANCHOR_PROOF_WRONG: ['broken', 'What should show the anchor without asking the chain does not lead to it.'],
  OTHER_BLOCK: [
    'broken',
    'What should show the anchor leads to block {blockHash}, which the chain does not have.',
  ],

  CONSENT_ABSENT: ['missing', 'This file holds no request for access and no answer.'],
  GRANTED: [
    'verified',
    'The patient {patient} allowed researcher {researcher} one copy, in the words shown. When is not signed. Whether it was withdrawn since, the chain tells.',
  ],
  DECLINED: ['verified', 'The patient {patient} refused researcher {researcher}, in the words shown.'],
  WITHDRAWN: ['verified', 'The patient {patient} withdrew what they had allowed researcher {researcher}.'],
  GRANTED_THEN_WITHDRAWN: [
    'verified',
    'The patient {patient} allowed researcher {researcher} one copy, and withdrew it later.',
  ],
  ANSWER_NOT_SIGNED: [
    'broken',
    'Answer {item} is not signed by the patient for this request and these words.',
  ],
  STATEMENT_DIFFERS: ['broken', 'The words of answer {item} are not those that this request comes to.'],

  ACCESS_ABSENT: ['missing', 'This file does not say who received the record.'],
  REQUEST_ABSENT: ['missing', 'Deliveries can only be checked together with the request they belong to.'],
  ACCESS_SHOWN: ['verified', '{shown}'],
  ACCESS_REFUSED: [
    'broken',
    'Shares of the key were released, or the researcher had access, although the patient had refused. An access names no request: one that was due to another request belongs into another file.',
  ],
  ACCESS_TOO_EARLY: ['broken', 'Access {item} was before this request can have been made.'],
  ACCESS_TOO_LATE: ['broken', 'Access {item} was after all access for this request had ended.'],
  RECEIVER_ALONE: [
    'missing',
    'Access {item} is stated by its receiver {signer} alone, and no answer of the patient to a request of theirs is shown.',
  ],
  DELIVERY_NOT_SIGNED: ['broken', 'Delivery {item} is not signed by the named operator for this request.'],
  EVENT_NOT_SIGNED: ['broken', 'Access {item} is not signed by whom it names.'],
  OTHER_RECEIVER: ['broken', 'Access {item} is by somebody else than who asked.'],

  DELETION_ABSENT: ['missing', 'This file does not say that anything was deleted.'],
  DELETION_STATED: [
    'verified',
    '{operators} operators signed that they deleted what they held. It is their word: nobody can prove that no copy is left.',
  ],
  DELETION_NOT_SIGNED: ['broken', 'Deletion {item} is not signed by the named operator.'],
}
