// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Which data set is whose, and since when
/// @notice A data set is the hash of a salted commitment to one record and of its owner, so that nobody can
/// anchor what another has committed to. Nothing here says anything about its content.
interface IRecordAnchor {
    /// @notice A data set was anchored.
    /// @param dataset keccak256(abi.encode(commitment, patient))
    /// @param patient Account that signed, fresh for each data set
    /// @param descriptor keccak-256 of the catalogue entry
    event Anchored(bytes32 indexed dataset, address indexed patient, bytes32 descriptor);

    /// @notice The zero address cannot own a data set.
    error PatientMissing();
    /// @notice The signature is not the patient's over this anchor.
    error AnchorNotSigned(bytes32 dataset, address patient);

    /// @notice Anchors a data set for whoever signed it; anyone may send it. A second one does nothing,
    /// whatever its descriptor.
    /// @param commitment Salted commitment to one record
    /// @param patient Signer of `Anchor(bytes32 dataset,bytes32 descriptor)`: an EOA or an ERC-1271 account
    /// @param descriptor keccak-256 of the catalogue entry
    /// @param signature EIP-712 signature, 65 bytes for an EOA
    /// @return isFirst False when nothing was done
    function anchor(
        bytes32 commitment,
        address patient,
        bytes32 descriptor,
        bytes calldata signature
    ) external returns (bool isFirst);

    /// @notice The id of a record under one owner.
    /// @param commitment Salted commitment to one record
    /// @param patient Its owner
    function datasetOf(bytes32 commitment, address patient) external pure returns (bytes32);

    /// @notice Who anchored a data set, or zero.
    /// @param dataset As `datasetOf` gives it
    function patientOf(bytes32 dataset) external view returns (address);

    /// @notice An anchor as stored; its descriptor is in the `Anchored` event of that block.
    /// @param dataset As `datasetOf` gives it
    /// @return patient Who anchored it, or zero
    /// @return atSec Unix seconds of the block
    /// @return atBlock Number of the block
    function anchorOf(bytes32 dataset) external view returns (address patient, uint48 atSec, uint48 atBlock);
}
