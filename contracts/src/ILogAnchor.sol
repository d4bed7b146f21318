// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IHaloRegistry} from "./IHaloRegistry.sol";

/// @title Which roots the logs of a Halo have had, and since when
/// @notice Each operator keeps one append-only log, a Merkle tree of RFC 9162 with SHA-256, and anchors its root
/// as the log grows: one transaction for any number of records. A leaf is SHA-256(salt, commitment), so that
/// nothing here says anything about a record or its owner. A block shows that a root was there at its time; it
/// shows neither when a record was made nor that its content is true.
interface ILogAnchor {
    /// @notice Newest root of a log.
    /// @param size Leaves; 0 when nothing was anchored yet
    /// @param atBlock Block of its `RootAnchored`, which has the whole root
    /// @param rootStart First 18 bytes of the root
    struct Head {
        uint64 size;
        uint48 atBlock;
        bytes18 rootStart;
    }

    /// @notice A log has this root.
    /// @param operator Whose log
    /// @param size Leaves of the log
    /// @param root Root of RFC 9162 over these leaves
    event RootAnchored(address indexed operator, uint64 indexed size, bytes32 root);

    /// @notice Only an active operator of the registry anchors.
    error OperatorNotActive(address operator);
    /// @notice A log only grows, and an empty one has nothing to anchor.
    error SizeNotLarger(address operator, uint64 size, uint64 headSize);
    /// @notice A log cannot have two roots at one size: who signed both has shown two histories.
    error RootConflict(address operator, uint64 size, bytes18 anchoredRootStart, bytes32 root);

    /// @notice Anchors a root of the caller's log. One that is anchored already changes nothing.
    /// @param size Leaves of the log, more than at the last time
    /// @param root Root of RFC 9162 over these leaves
    /// @return isFirst False when nothing was done
    function anchor(uint64 size, bytes32 root) external returns (bool isFirst);

    /// @notice Registry of the operators who anchor.
    function registry() external view returns (IHaloRegistry);

    /// @notice When a root was anchored; zeros if it was not.
    /// @param operator Whose log
    /// @param size Leaves of the log
    /// @param root Root over these leaves
    /// @return atSec Unix seconds of the block
    /// @return atBlock Number of the block
    function anchoredAt(
        address operator,
        uint64 size,
        bytes32 root
    ) external view returns (uint48 atSec, uint48 atBlock);

    /// @notice Newest root of an operator's log.
    /// @param operator Whose log
    function headOf(address operator) external view returns (Head memory);

    /// @notice Whether an anchored log holds a leaf: true only if this very root is anchored for the operator and the
    /// path leads to it. A wrong path of whatever length gives false.
    /// @param operator Whose log
    /// @param size Leaves of the log
    /// @param root Root over these leaves
    /// @param index Of the leaf, from 0
    /// @param leafData What the leaf holds: SHA-256(salt, commitment); hashed here, so that no inner node can stand
    /// for a leaf
    /// @param path Siblings from leaf to root, RFC 9162 section 2.1.3
    function verifyInclusion(
        address operator,
        uint64 size,
        bytes32 root,
        uint64 index,
        bytes32 leafData,
        bytes32[] calldata path
    ) external view returns (bool);

    /// @notice Whether a log has only been appended to between two anchored roots: true only if both are anchored
    /// for the operator and the path joins them. A wrong path of whatever length gives false.
    /// @param operator Whose log
    /// @param fromSize Leaves of the older state
    /// @param fromRoot Root over these leaves
    /// @param toSize Leaves of the newer state, not fewer
    /// @param toRoot Root over these leaves
    /// @param path Nodes of RFC 9162 section 2.1.4; empty when the sizes are the same
    function verifyConsistency(
        address operator,
        uint64 fromSize,
        bytes32 fromRoot,
        uint64 toSize,
        bytes32 toRoot,
        bytes32[] calldata path
    ) external view returns (bool);
}
