// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MerkleProofs} from "../src/MerkleProofs.sol";
import {LogAnchorSetUp} from "./LogAnchor.t.sol";
import {ReferenceTree} from "./ReferenceTree.sol";

/// @title The library by itself, without anchors
contract BareProofs {
    function isIncluded(
        uint64 size,
        bytes32 root,
        uint64 index,
        bytes32 leafHash,
        bytes32[] calldata path
    ) external pure returns (bool) {
        return MerkleProofs.isIncluded(size, root, index, leafHash, path);
    }

    function isConsistent(
        uint64 fromSize,
        bytes32 fromRoot,
        uint64 toSize,
        bytes32 toRoot,
        bytes32[] calldata path
    ) external pure returns (bool) {
        return MerkleProofs.isConsistent(fromSize, fromRoot, toSize, toRoot, path);
    }
}

/// @title Proofs of small trees, right and forged, against anchored roots
/// @dev A root may be anchored at any size, so that the proof alone decides what these tests ask.
contract LogProofsTest is LogAnchorSetUp {
    using ReferenceTree for bytes32[];

    uint256 private constant _SIZE_MAX = 40;

    function testFuzz_EveryLeafIsFound(uint256 size, uint256 index) public {
        (bytes32[] memory leaves, bytes32 root) = _anchoredTree(size);
        index %= leaves.length;
        bytes32[] memory path = leaves.inclusionOf(0, leaves.length, index);
        _isTrue(_includes(leaves.length, root, index, leaves[index], path));
    }

    function testFuzz_NoOtherIndexOrLeafIsFound(
        uint256 size,
        uint256 index,
        uint64 wrong,
        bytes32 data
    ) public {
        (bytes32[] memory leaves, bytes32 root) = _anchoredTree(size);
        index %= leaves.length;
        bytes32[] memory path = leaves.inclusionOf(0, leaves.length, index);
        vm.assume(wrong != index && data != leaves[index]);
        _isTrue(!_includes(leaves.length, root, wrong, leaves[index], path));
        _isTrue(!_includes(leaves.length, root, index, data, path));
        _isTrue(!_includes(leaves.length, root, wrong % leaves.length, data, path));
    }

    function testFuzz_NoChangedPathIsTaken(
        uint256 size,
        uint256 index,
        uint256 which,
        bytes32 change
    ) public {
        vm.assume(change != 0);
        (bytes32[] memory leaves, bytes32 root) = _anchoredTree(size);
        uint256 count = leaves.length;
        index %= count;
        bytes32[] memory path = leaves.inclusionOf(0, count, index);
        _isTrue(!_includes(count, root, index, leaves[index], path.extend(change)));
        if (path.length == 0) return;
        _isTrue(!_includes(count, root, index, leaves[index], path.shorten()));
        which %= path.length;
        path[which] ^= change;
        _isTrue(!_includes(count, root, index, leaves[index], path));
    }

    /// @dev The same siblings can fit several sizes: it is the anchor of size and root together that decides.
    function testFuzz_NoWrongSizeIsTaken(uint256 size, uint256 index, uint64 wrong) public {
        (bytes32[] memory leaves, bytes32 root) = _anchoredTree(size);
        uint256 count = leaves.length;
        index %= count;
        bytes32[] memory path = leaves.inclusionOf(0, count, index);
        vm.assume(wrong != count);
        _isTrue(!_includes(wrong, root, index, leaves[index], path));
        _isTrue(
            !_includes(1 + (wrong % _SIZE_MAX), root, index, leaves[index], path) ||
                wrong % _SIZE_MAX == count - 1
        );
        uint64 twice = uint64(2 * count + (wrong >> 8));
        _anchor(OTHER, twice, root);
        _isTrue(!log.verifyInclusion(OTHER, twice, root, uint64(index), leaves[index], path));
    }

    /// @dev The roots are anchored such that the hashes would fit; only the height tells.
    function testFuzz_NoPathGoesOnAboveTheTop(uint256 size, uint256 index, bytes32 above) public {
        bytes32[] memory leaves = _leaves(3 + (size % _SIZE_MAX));
        uint256 count = leaves.length;
        bytes32 root = sha256(bytes.concat(hex"01", above, leaves.rootOf(0, count)));
        bytes32 older = sha256(bytes.concat(hex"01", above, leaves.rootOf(0, 3)));
        _anchor(OPERATOR, 3, older);
        if (count != 3) _anchor(OPERATOR, count, root);
        index %= count;
        bytes32[] memory path = leaves.inclusionOf(0, count, index).extend(above);
        _isTrue(!_includes(count, root, index, leaves[index], path));
        if (count == 3) return;
        path = leaves.consistencyOf(0, count, 3, true).extend(above);
        _isTrue(!_joins(3, older, count, root, path));
    }

    function test_AnInnerNodeIsNoLeaf() public {
        bytes32[] memory leaves = _leaves(4);
        bytes32 root = _anchorTree(leaves, 4);
        bytes32 left = leaves.rootOf(0, 2);
        bytes32[] memory path = new bytes32[](1);
        path[0] = leaves.rootOf(2, 4);
        _isTrue(!_includes(4, root, 0, left, path));
        // Even where the operator has lied about the size, data are hashed as data.
        _anchor(OTHER, 2, root);
        _isTrue(!log.verifyInclusion(OTHER, 2, root, 0, left, path));
    }

    function test_SidesCannotBeSwapped() public {
        bytes32[] memory leaves = _leaves(2);
        bytes32 root = _anchorTree(leaves, 2);
        bytes32[] memory path = leaves.inclusionOf(0, 2, 0);
        _isTrue(_includes(2, root, 0, leaves[0], path));
        _isTrue(!_includes(2, root, 1, leaves[0], path));
        _isTrue(!_includes(2, root, 0, leaves[1], leaves.inclusionOf(0, 2, 1)));
    }

    function test_APathOfAnyLengthIsAnsweredAndSoIsAnySize() public {
        bytes32 root = keccak256("root");
        uint64 most = type(uint64).max;
        _anchor(OPERATOR, most - 1, root);
        _anchor(OPERATOR, most, root);
        for (uint256 length = 0; length < 70; ++length) {
            bytes32[] memory path = new bytes32[](length);
            _isTrue(!log.verifyInclusion(OPERATOR, most, root, most - 1, root, path));
            _isTrue(!log.verifyInclusion(OPERATOR, most, root, 0, root, path));
            _isTrue(!log.verifyInclusion(OPERATOR, most, root, most, root, path));
            _isTrue(!log.verifyConsistency(OPERATOR, most - 1, root, most, root, path));
        }
        _isTrue(!log.verifyInclusion(OPERATOR, most, root, 0, root, new bytes32[](5000)));
        _isTrue(!log.verifyConsistency(OPERATOR, most - 1, root, most, root, new bytes32[](5000)));
    }

    function test_ATreeOfTheMostLeavesIsWalkedToItsTop() public {
        bytes32 hash = sha256(bytes.concat(hex"00", keccak256("leaf")));
        bytes32[] memory path = new bytes32[](64);
        for (uint256 i = 0; i < 64; ++i) {
            path[i] = keccak256(abi.encode(i));
            hash = sha256(bytes.concat(hex"01", hash, path[i]));
        }
        _anchor(OPERATOR, type(uint64).max, hash);
        _isTrue(_includes(type(uint64).max, hash, 0, keccak256("leaf"), path));
    }

    function testFuzz_NothingIsShownUnderARootThatIsNotThisOperators(uint256 size, uint256 index) public {
        bytes32[] memory leaves = _leaves(1 + (size % _SIZE_MAX));
        uint64 count = uint64(leaves.length);
        bytes32 root = leaves.rootOf(0, count);
        bytes32[] memory path = leaves.inclusionOf(0, count, index % count);
        bytes32 leaf = leaves[index % count];
        uint64 which = uint64(index % count);
        _isTrue(!log.verifyInclusion(OPERATOR, count, root, which, leaf, path));
        _anchor(OTHER, count, root);
        _isTrue(!log.verifyInclusion(OPERATOR, count, root, which, leaf, path));
        _isTrue(log.verifyInclusion(OTHER, count, root, which, leaf, path));
    }

    function testFuzz_EveryBeginningIsConsistent(uint256 older, uint256 newer) public {
        (bytes32[] memory leaves, uint256 from, uint256 to) = _sizes(older, newer);
        bytes32[] memory path = from == to ? new bytes32[](0) : leaves.consistencyOf(0, to, from, true);
        bytes32 fromRoot = _anchorTree(leaves, from);
        bytes32 toRoot = _anchorTree(leaves, to);
        _isTrue(_joins(from, fromRoot, to, toRoot, path));
        if (from != to) _isTrue(!_joins(to, toRoot, from, fromRoot, path));
        _isTrue(!_joins(from, fromRoot, to, toRoot, path.extend(toRoot)));
        if (path.length != 0) _isTrue(!_joins(from, fromRoot, to, toRoot, path.shorten()));
    }

    function testFuzz_NoRewrittenLogIsConsistent(uint256 older, uint256 newer, uint256 which) public {
        (bytes32[] memory leaves, uint256 from, uint256 to) = _sizes(older, newer);
        bytes32 fromRoot = _anchorTree(leaves, from);
        if (from == to) return;
        leaves[which % from] = keccak256("rewritten");
        bytes32 toRoot = _anchorTree(leaves, to);
        _isTrue(!_joins(from, fromRoot, to, toRoot, leaves.consistencyOf(0, to, from, true)));
    }

    function testFuzz_NoChangedConsistencyPathIsTaken(
        uint256 older,
        uint256 newer,
        uint256 which,
        bytes32 change
    ) public {
        vm.assume(change != 0);
        (bytes32[] memory leaves, uint256 from, uint256 to) = _sizes(older, newer);
        if (from == to) return;
        bytes32[] memory path = leaves.consistencyOf(0, to, from, true);
        path[which % path.length] ^= change;
        bytes32 fromRoot = _anchorTree(leaves, from);
        _isTrue(!_joins(from, fromRoot, to, _anchorTree(leaves, to), path));
    }

    function testFuzz_ConsistencyNeedsBothRootsOfOneOperator(uint256 older, uint256 newer) public {
        (bytes32[] memory leaves, uint256 from, uint256 to) = _sizes(older, newer);
        if (from == to) return;
        bytes32[] memory path = leaves.consistencyOf(0, to, from, true);
        bytes32 fromRoot = leaves.rootOf(0, from);
        bytes32 toRoot = leaves.rootOf(0, to);
        _isTrue(!_joins(from, fromRoot, to, toRoot, path));
        _anchor(OPERATOR, from, fromRoot);
        _anchor(OTHER, to, toRoot);
        _isTrue(!_joins(from, fromRoot, to, toRoot, path));
        _isTrue(!log.verifyConsistency(OTHER, uint64(from), fromRoot, uint64(to), toRoot, path));
        _anchor(OPERATOR, to, toRoot);
        _isTrue(_joins(from, fromRoot, to, toRoot, path));
    }

    function test_AnEmptyLogIsTheBeginningOfNothing() public {
        bytes32[] memory leaves = _leaves(3);
        bytes32 root = _anchorTree(leaves, 3);
        bytes32 empty = sha256("");
        _isTrue(!_joins(0, empty, 3, root, new bytes32[](0)));
        _isTrue(!_joins(0, empty, 0, empty, new bytes32[](0)));
    }

    function test_AnEmptyTreeIsRefusedWithoutAnyAnchor() public {
        BareProofs bare = new BareProofs();
        bytes32 root = keccak256("root");
        for (uint256 length = 0; length < 3; ++length) {
            bytes32[] memory path = new bytes32[](length);
            _isTrue(!bare.isIncluded(0, root, 0, root, path));
            _isTrue(!bare.isConsistent(0, root, 3, root, path));
            _isTrue(!bare.isConsistent(0, root, 0, root, path));
            _isTrue(!bare.isConsistent(3, root, 0, root, path));
        }
        _isTrue(bare.isConsistent(3, root, 3, root, new bytes32[](0)));
    }

    /// @dev These hashes would fit: only the order of the sizes tells.
    function test_ALogThatShrankIsRefusedWithoutAnyAnchor() public {
        bytes32[] memory path = new bytes32[](2);
        path[0] = keccak256("three");
        path[1] = keccak256("more");
        bytes32 two = sha256(bytes.concat(hex"01", path[0], path[1]));
        _isTrue(!new BareProofs().isConsistent(3, path[0], 2, two, path));
    }

    /// @dev These hashes would fit a tree of four leaves; it is said to have eight.
    function test_AConsistencyPathThatEndsBelowTheTopIsRefused() public {
        bytes32 older = keccak256("two");
        bytes32[] memory path = new bytes32[](1);
        path[0] = keccak256("two more");
        bytes32 newer = sha256(bytes.concat(hex"01", older, path[0]));
        BareProofs bare = new BareProofs();
        _isTrue(bare.isConsistent(2, older, 4, newer, path));
        _isTrue(!bare.isConsistent(2, older, 8, newer, path));
    }

    /// @dev Sizes 1 to 40, the older not above the newer, and leaves for the newer.
    function _sizes(
        uint256 older,
        uint256 newer
    ) private pure returns (bytes32[] memory leaves, uint256 from, uint256 to) {
        to = 1 + (newer % _SIZE_MAX);
        from = 1 + (older % to);
        leaves = _leaves(to);
    }

    function _anchoredTree(uint256 size) private returns (bytes32[] memory leaves, bytes32 root) {
        leaves = _leaves(1 + (size % _SIZE_MAX));
        root = _anchorTree(leaves, leaves.length);
    }

    function _anchorTree(bytes32[] memory leaves, uint256 size) private returns (bytes32 root) {
        root = leaves.rootOf(0, size);
        _anchor(OPERATOR, size, root);
    }

    function _includes(
        uint256 size,
        bytes32 root,
        uint256 index,
        bytes32 data,
        bytes32[] memory path
    ) private view returns (bool) {
        return log.verifyInclusion(OPERATOR, uint64(size), root, uint64(index), data, path);
    }

    function _joins(
        uint256 from,
        bytes32 fromRoot,
        uint256 to,
        bytes32 toRoot,
        bytes32[] memory path
    ) private view returns (bool) {
        return log.verifyConsistency(OPERATOR, uint64(from), fromRoot, uint64(to), toRoot, path);
    }
}
