// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IHaloRegistry} from "./IHaloRegistry.sol";
import {ILogAnchor} from "./ILogAnchor.sol";
import {MerkleProofs} from "./MerkleProofs.sol";

/// @title Which roots the logs of a Halo have had, and since when
contract LogAnchor is ILogAnchor {
    /// @dev One slot: from the lowest bit 48 bits of seconds, 48 bits of the block's number, zeros.
    struct Anchor {
        uint48 atSec;
        uint48 atBlock;
    }

    /// @inheritdoc ILogAnchor
    IHaloRegistry public immutable registry;

    /// @dev Storage slot 0, and it stays there: outside of the chain a storage proof (EIP-1186) is checked against
    /// keccak256(abi.encode(key, 0)) with key = keccak256(abi.encode(operator, size, root)).
    mapping(bytes32 key => Anchor) private _anchors;
    mapping(address operator => Head) private _heads;

    /// @param registry_ Registry of operators
    constructor(IHaloRegistry registry_) {
        registry = registry_;
    }

    /// @inheritdoc ILogAnchor
    function anchor(uint64 size, bytes32 root) external returns (bool isFirst) {
        if (!registry.isActive(msg.sender)) revert OperatorNotActive(msg.sender);
        Head memory head = _heads[msg.sender];
        bytes32 key = _keyOf(msg.sender, size, root);
        if (size <= head.size) {
            if (_anchors[key].atBlock != 0) return false;
            if (size != head.size || size == 0) revert SizeNotLarger(msg.sender, size, head.size);
            revert RootConflict(msg.sender, size, head.rootStart, root);
        }
        _anchors[key] = Anchor(uint48(block.timestamp), uint48(block.number));
        _heads[msg.sender] = Head(size, uint48(block.number), bytes18(root));
        emit RootAnchored(msg.sender, size, root);
        return true;
    }

    /// @inheritdoc ILogAnchor
    function anchoredAt(
        address operator,
        uint64 size,
        bytes32 root
    ) external view returns (uint48 atSec, uint48 atBlock) {
        Anchor memory a = _anchors[_keyOf(operator, size, root)];
        return (a.atSec, a.atBlock);
    }

    /// @inheritdoc ILogAnchor
    function headOf(address operator) external view returns (Head memory) {
        return _heads[operator];
    }

    /// @inheritdoc ILogAnchor
    function verifyInclusion(
        address operator,
        uint64 size,
        bytes32 root,
        uint64 index,
        bytes32 leafData,
        bytes32[] calldata path
    ) external view returns (bool) {
        return
            _isAnchored(operator, size, root) &&
            MerkleProofs.isIncluded(size, root, index, MerkleProofs.hashLeaf(leafData), path);
    }

    /// @inheritdoc ILogAnchor
    function verifyConsistency(
        address operator,
        uint64 fromSize,
        bytes32 fromRoot,
        uint64 toSize,
        bytes32 toRoot,
        bytes32[] calldata path
    ) external view returns (bool) {
        return
            _isAnchored(operator, fromSize, fromRoot) &&
            _isAnchored(operator, toSize, toRoot) &&
            MerkleProofs.isConsistent(fromSize, fromRoot, toSize, toRoot, path);
    }

    function _isAnchored(address operator, uint64 size, bytes32 root) private view returns (bool) {
        return _anchors[_keyOf(operator, size, root)].atBlock != 0;
    }

    function _keyOf(address operator, uint64 size, bytes32 root) private pure returns (bytes32) {
        return keccak256(abi.encode(operator, size, root));
    }
}
