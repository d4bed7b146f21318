// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IConsentRegistry} from "./IConsentRegistry.sol";
import {IEscrow} from "./IEscrow.sol";
import {IHaloRegistry} from "./IHaloRegistry.sol";
import {RequestHash} from "./RequestHash.sol";

/// @title What patients answered
contract ConsentRegistry is IConsentRegistry, EIP712 {
    using RequestHash for IEscrow.Request;

    /// @dev One slot.
    struct Consent {
        Status status;
        bool isRelayPaid;
        uint64 atBlock;
        uint64 accessUntil;
    }

    bytes32 private constant _GRANT_TYPE = keccak256("Grant(bytes32 requestId,string statement)");
    bytes32 private constant _DECLINE_TYPE = keccak256("Decline(bytes32 requestId,string statement)");
    bytes32 private constant _REVOKE_TYPE = keccak256("Revoke(bytes32 requestId,string statement)");

    /// @inheritdoc IConsentRegistry
    IHaloRegistry public immutable registry;
    /// @inheritdoc IConsentRegistry
    IEscrow public immutable escrow;

    mapping(bytes32 requestId => Consent) private _consents;

    /// @param registry_ Registry of operators
    /// @param escrow_ Escrow that makes this contract
    constructor(IHaloRegistry registry_, IEscrow escrow_) EIP712("Halo", "1") {
        registry = registry_;
        escrow = escrow_;
    }

    /// @inheritdoc IConsentRegistry
    function grant(
        IEscrow.Request calldata r,
        bytes32 statementHash,
        bytes calldata signature
    ) external returns (bool isFirst) {
        bytes32 requestId = r.idOf(address(escrow));
        if (_isRepeated(requestId, Status.Granted)) return false;
        uint64 accessUntil = uint64(block.timestamp) + r.accessForSec;
        _checkSignature(_GRANT_TYPE, r.patient, requestId, statementHash, signature);
        address relayer = _store(r, requestId, Status.Granted, accessUntil);
        emit Granted(requestId, accessUntil);
        escrow.noteAnswer(requestId, relayer, r.currency, r.relayFee);
        return true;
    }

    /// @inheritdoc IConsentRegistry
    function decline(
        IEscrow.Request calldata r,
        bytes32 statementHash,
        bytes calldata signature
    ) external returns (bool isFirst) {
        bytes32 requestId = r.idOf(address(escrow));
        if (_isRepeated(requestId, Status.Declined)) return false;
        _checkSignature(_DECLINE_TYPE, r.patient, requestId, statementHash, signature);
        address relayer = _store(r, requestId, Status.Declined, 0);
        emit Declined(requestId);
        escrow.noteAnswer(requestId, relayer, r.currency, r.relayFee);
        return true;
    }

    /// @inheritdoc IConsentRegistry
    function revoke(
        IEscrow.Request calldata r,
        bytes32 statementHash,
        bytes calldata signature
    ) external returns (bool isFirst) {
        bytes32 requestId = r.idOf(address(escrow));
        Consent storage consent = _consents[requestId];
        if (consent.status == Status.Revoked) return false;
        if (consent.status != Status.Granted) revert NotGranted(requestId, consent.status);
        _checkSignature(_REVOKE_TYPE, r.patient, requestId, statementHash, signature);
        consent.status = Status.Revoked;
        consent.atBlock = uint64(block.number);
        emit Revoked(requestId);
        return true;
    }

    /// @inheritdoc IConsentRegistry
    function consentOf(
        bytes32 requestId
    ) external view returns (Status status, uint64 accessUntil, uint64 atBlock, bool isRelayPaid) {
        Consent memory consent = _consents[requestId];
        return (consent.status, consent.accessUntil, consent.atBlock, consent.isRelayPaid);
    }

    /// @dev The escrow is asked afterwards whether the request is open: this contract's state is then final.
    function _store(
        IEscrow.Request calldata r,
        bytes32 requestId,
        Status status,
        uint64 accessUntil
    ) private returns (address relayer) {
        if (block.timestamp > r.answerBySec) revert AnswerTooLate(requestId, r.answerBySec, block.timestamp);
        relayer = registry.isActive(msg.sender) ? msg.sender : address(0);
        _consents[requestId] = Consent({
            status: status,
            isRelayPaid: relayer != address(0),
            atBlock: uint64(block.number),
            accessUntil: accessUntil
        });
    }

    function _isRepeated(bytes32 requestId, Status status) private view returns (bool) {
        Status current = _consents[requestId].status;
        if (current == Status.None) return false;
        if (current != status) revert AlreadyAnswered(requestId, current);
        return true;
    }

    function _checkSignature(
        bytes32 typeHash,
        address patient,
        bytes32 requestId,
        bytes32 statementHash,
        bytes calldata signature
    ) private view {
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(typeHash, requestId, statementHash)));
        if (!SignatureChecker.isValidSignatureNowCalldata(patient, digest, signature)) {
            revert AnswerNotSigned(requestId, patient);
        }
    }
}
