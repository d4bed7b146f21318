// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {IHaloRegistry} from "./IHaloRegistry.sol";

/// @title Who is a Halo peer
contract HaloRegistry is IHaloRegistry, AccessManaged {
    using EnumerableSet for EnumerableSet.AddressSet;

    struct Record {
        Status status;
        uint32 sequence;
        uint64 profileBlock;
        uint64 addressesBlock;
        bytes32 profileHash;
        bytes32 identityHash;
        bytes32 peerIdHash;
    }

    uint256 private constant _KEM_PUBLIC_KEY_BYTES = 1216;
    uint256 private constant _PEER_ID_MAX_BYTES = 128;
    uint256 private constant _ADDRESSES_MAX = 16;
    uint256 private constant _ADDRESS_MAX_BYTES = 256;

    EnumerableSet.AddressSet private _operators;
    mapping(address operator => Record) private _records;
    mapping(bytes32 peerIdHash => address operator) private _operatorByPeerId;
    uint32 private _admitted;

    /// @param authority AccessManager that decides who may admit, suspend, resume and remove
    constructor(address authority) AccessManaged(authority) {}

    /// @inheritdoc IHaloRegistry
    function admit(
        address operator,
        string calldata peerId,
        bytes calldata kemPublicKey,
        string[] calldata addresses
    ) external restricted {
        if (operator == address(0)) revert OperatorMissing();
        Record storage record = _records[operator];
        if (record.status != Status.None) revert WrongStatus(operator, record.status);
        if (kemPublicKey.length != _KEM_PUBLIC_KEY_BYTES) revert KemPublicKeyWrong(kemPublicKey.length);
        _checkAddresses(addresses);

        record.peerIdHash = _claimPeerId(operator, peerId);
        record.identityHash = keccak256(abi.encode(peerId, kemPublicKey));
        record.profileHash = _profileHash(record.identityHash, addresses);
        record.status = Status.Active;
        record.sequence = ++_admitted;
        record.profileBlock = uint64(block.number);
        record.addressesBlock = uint64(block.number);
        _operators.add(operator);
        emit PeerProfile(operator, peerId, kemPublicKey, addresses);
        emit PeerStatus(operator, Status.Active);
    }

    /// @inheritdoc IHaloRegistry
    function suspend(address operator) external restricted {
        _move(operator, Status.Active, Status.Suspended);
    }

    /// @inheritdoc IHaloRegistry
    function resume(address operator) external restricted {
        _move(operator, Status.Suspended, Status.Active);
    }

    /// @inheritdoc IHaloRegistry
    function remove(address operator) external restricted {
        Record storage record = _records[operator];
        if (record.status == Status.None) revert WrongStatus(operator, Status.None);
        delete _operatorByPeerId[record.peerIdHash];
        delete _records[operator];
        _operators.remove(operator);
        emit PeerStatus(operator, Status.None);
    }

    /// @inheritdoc IHaloRegistry
    function announce(string[] calldata addresses) external {
        Record storage record = _records[msg.sender];
        if (record.status != Status.Active) revert WrongStatus(msg.sender, record.status);
        _checkAddresses(addresses);
        record.profileHash = _profileHash(record.identityHash, addresses);
        record.addressesBlock = uint64(block.number);
        emit PeerAddresses(msg.sender, addresses);
    }

    /// @inheritdoc IHaloRegistry
    function isActive(address operator) external view returns (bool) {
        return _records[operator].status == Status.Active;
    }

    /// @inheritdoc IHaloRegistry
    function statusOf(address operator) external view returns (Status) {
        return _records[operator].status;
    }

    /// @inheritdoc IHaloRegistry
    function profileHashOf(address operator) external view returns (bytes32) {
        return _records[operator].profileHash;
    }

    /// @inheritdoc IHaloRegistry
    function operatorOf(string calldata peerId) external view returns (address) {
        return _operatorByPeerId[keccak256(bytes(peerId))];
    }

    /// @inheritdoc IHaloRegistry
    function entries() external view returns (Entry[] memory list) {
        uint256 count = _operators.length();
        list = new Entry[](count);
        for (uint256 i = 0; i < count; ++i) {
            address operator = _operators.at(i);
            Record storage record = _records[operator];
            list[i] = Entry({
                operator: operator,
                status: record.status,
                sequence: record.sequence,
                profileBlock: record.profileBlock,
                addressesBlock: record.addressesBlock,
                profileHash: record.profileHash
            });
        }
    }

    function _move(address operator, Status from, Status to) private {
        Record storage record = _records[operator];
        if (record.status != from) revert WrongStatus(operator, record.status);
        record.status = to;
        emit PeerStatus(operator, to);
    }

    function _claimPeerId(address operator, string calldata peerId) private returns (bytes32 peerIdHash) {
        uint256 length = bytes(peerId).length;
        if (length == 0 || length > _PEER_ID_MAX_BYTES) revert PeerIdOutOfRange(length);
        peerIdHash = keccak256(bytes(peerId));
        address holder = _operatorByPeerId[peerIdHash];
        if (holder != address(0)) revert PeerIdTaken(peerId, holder);
        _operatorByPeerId[peerIdHash] = operator;
    }

    function _checkAddresses(string[] calldata addresses) private pure {
        uint256 count = addresses.length;
        if (count > _ADDRESSES_MAX) revert AddressesOutOfRange(count, 0);
        for (uint256 i = 0; i < count; ++i) {
            uint256 length = bytes(addresses[i]).length;
            if (length > _ADDRESS_MAX_BYTES) revert AddressesOutOfRange(count, length);
        }
    }

    function _profileHash(bytes32 identityHash, string[] calldata addresses) private pure returns (bytes32) {
        return keccak256(abi.encode(identityHash, keccak256(abi.encode(addresses))));
    }
}
