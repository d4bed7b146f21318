// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Inclusion and consistency in Merkle trees of RFC 9162, with SHA-256
/// @dev Iterative, as section 2.1 of the RFC has it. A proof of whatever content gives true or false and never
/// reverts. However long its path is, the walk ends at the top of the tree: after at most 64 levels. Who verifies
/// must know size and root from a source they trust: with a wrong size an inner node could stand for a leaf.
library MerkleProofs {
    /// @notice SHA-256 of a leaf of 32 bytes, in the leaves' own domain (section 2.1.1).
    /// @param data What the leaf holds
    function hashLeaf(bytes32 data) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), data));
    }

    /// @notice SHA-256 of an inner node, in the nodes' own domain (section 2.1.1).
    /// @param left Hash of the subtree of the lower indices
    /// @param right Hash of the subtree of the higher indices
    function hashNode(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /// @notice Whether a tree has a leaf at an index (section 2.1.3.2).
    /// @param size Leaves of the tree
    /// @param root Root of the tree
    /// @param index Of the leaf, from 0
    /// @param leafHash As `hashLeaf` gives it
    /// @param path Siblings from leaf to root
    function isIncluded(
        uint64 size,
        bytes32 root,
        uint64 index,
        bytes32 leafHash,
        bytes32[] calldata path
    ) internal pure returns (bool) {
        if (index >= size) return false;
        uint256 node = index;
        uint256 lastNode = size - 1;
        bytes32 hash = leafHash;
        for (uint256 i = 0; i < path.length; ++i) {
            if (lastNode == 0) return false;
            if (node & 1 == 1 || node == lastNode) {
                hash = hashNode(path[i], hash);
                // The last node of a level may have no sibling; it moves up until it is a right one.
                (node, lastNode) = _riseToRight(node, lastNode);
            } else {
                hash = hashNode(hash, path[i]);
            }
            node >>= 1;
            lastNode >>= 1;
        }
        return lastNode == 0 && hash == root;
    }

    /// @notice Whether the one tree is the beginning of the other (section 2.1.4.2). An empty tree is no
    /// beginning: it says nothing. A tree is the beginning of itself, by an empty path.
    /// @param fromSize Leaves of the older tree
    /// @param fromRoot Root of the older tree
    /// @param toSize Leaves of the newer tree
    /// @param toRoot Root of the newer tree
    /// @param path Nodes in the order of the RFC
    function isConsistent(
        uint64 fromSize,
        bytes32 fromRoot,
        uint64 toSize,
        bytes32 toRoot,
        bytes32[] calldata path
    ) internal pure returns (bool) {
        if (fromSize == 0 || fromSize > toSize) return false;
        if (fromSize == toSize) return path.length == 0 && fromRoot == toRoot;
        if (path.length == 0) return false;
        // A whole subtree's root is not sent again: it is the older root itself.
        bool isWhole = fromSize & (fromSize - 1) == 0;
        return _joins(fromSize, fromRoot, toSize, toRoot, path, isWhole);
    }

    /// @dev Builds both roots from the nodes that the path gives. `0 < fromSize < toSize`, path not empty.
    function _joins(
        uint256 fromSize,
        bytes32 fromRoot,
        uint256 toSize,
        bytes32 toRoot,
        bytes32[] calldata path,
        bool isWhole
    ) private pure returns (bool) {
        (uint256 node, uint256 lastNode) = _riseToLeft(fromSize - 1, toSize - 1);
        bytes32 older = isWhole ? fromRoot : path[0];
        bytes32 newer = older;
        for (uint256 i = isWhole ? 0 : 1; i < path.length; ++i) {
            if (lastNode == 0) return false;
            if (node & 1 == 1 || node == lastNode) {
                older = hashNode(path[i], older);
                newer = hashNode(path[i], newer);
                (node, lastNode) = _riseToRight(node, lastNode);
            } else {
                newer = hashNode(newer, path[i]);
            }
            node >>= 1;
            lastNode >>= 1;
        }
        return lastNode == 0 && older == fromRoot && newer == toRoot;
    }

    /// @dev Up to the first level where the node is a right one, or to the top. At most 64 steps.
    function _riseToRight(uint256 node, uint256 lastNode) private pure returns (uint256, uint256) {
        while (node & 1 == 0 && node != 0) {
            node >>= 1;
            lastNode >>= 1;
        }
        return (node, lastNode);
    }

    /// @dev Up to the first level where the node is a left one. At most 64 steps.
    function _riseToLeft(uint256 node, uint256 lastNode) private pure returns (uint256, uint256) {
        while (node & 1 == 1) {
            node >>= 1;
            lastNode >>= 1;
        }
        return (node, lastNode);
    }
}
