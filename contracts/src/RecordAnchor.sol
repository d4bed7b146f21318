// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IRecordAnchor} from "./IRecordAnchor.sol";

/// @title Which data set is whose, and since when
contract RecordAnchor is IRecordAnchor, EIP712 {
    /// @dev One slot: 160 + 48 + 48 bits.
    struct Anchor {
        address patient;
        uint48 atSec;
        uint48 atBlock;
    }

    bytes32 private constant _ANCHOR_TYPE = keccak256("Anchor(bytes32 dataset,bytes32 descriptor)");

    mapping(bytes32 dataset => Anchor) private _anchors;

    constructor() EIP712("Halo", "1") {}

    /// @inheritdoc IRecordAnchor
    function anchor(
        bytes32 commitment,
        address patient,
        bytes32 descriptor,
        bytes calldata signature
    ) external returns (bool isFirst) {
        if (patient == address(0)) revert PatientMissing();
        bytes32 dataset = datasetOf(commitment, patient);
        if (_anchors[dataset].patient != address(0)) return false;
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(_ANCHOR_TYPE, dataset, descriptor)));
        if (!SignatureChecker.isValidSignatureNowCalldata(patient, digest, signature)) {
            revert AnchorNotSigned(dataset, patient);
        }
        _anchors[dataset] = Anchor(patient, uint48(block.timestamp), uint48(block.number));
        emit Anchored(dataset, patient, descriptor);
        return true;
    }

    /// @inheritdoc IRecordAnchor
    function patientOf(bytes32 dataset) external view returns (address) {
        return _anchors[dataset].patient;
    }

    /// @inheritdoc IRecordAnchor
    function datasetOf(bytes32 commitment, address patient) public pure returns (bytes32) {
        return keccak256(abi.encode(commitment, patient));
    }

    /// @inheritdoc IRecordAnchor
    function anchorOf(bytes32 dataset) external view returns (address patient, uint48 atSec, uint48 atBlock) {
        Anchor memory a = _anchors[dataset];
        return (a.patient, a.atSec, a.atBlock);
    }
}
