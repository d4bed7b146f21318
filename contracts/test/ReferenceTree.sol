// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The tree of RFC 9162 as its section 2.1 defines it: recursive, over all leaves
/// @dev Shares no code with the contracts, so that a slip in either shows.
library ReferenceTree {
    /// @dev MTH(D[from:to]), section 2.1.1.
    function rootOf(bytes32[] memory leaves, uint256 from, uint256 to) internal pure returns (bytes32) {
        if (to == from) return sha256("");
        if (to - from == 1) return sha256(bytes.concat(hex"00", leaves[from]));
        uint256 middle = from + largestPowerBelow(to - from);
        return sha256(bytes.concat(hex"01", rootOf(leaves, from, middle), rootOf(leaves, middle, to)));
    }

    /// @dev PATH(index, D[from:to]), section 2.1.3.1.
    function inclusionOf(
        bytes32[] memory leaves,
        uint256 from,
        uint256 to,
        uint256 index
    ) internal pure returns (bytes32[] memory) {
        if (to - from == 1) return new bytes32[](0);
        uint256 middle = from + largestPowerBelow(to - from);
        return
            index < middle
                ? extend(inclusionOf(leaves, from, middle, index), rootOf(leaves, middle, to))
                : extend(inclusionOf(leaves, middle, to, index), rootOf(leaves, from, middle));
    }

    /// @dev SUBPROOF(older, D[from:to], isKnown), section 2.1.4.1; `older` counts leaves from `from`.
    function consistencyOf(
        bytes32[] memory leaves,
        uint256 from,
        uint256 to,
        uint256 older,
        bool isKnown
    ) internal pure returns (bytes32[] memory) {
        if (older == to - from) {
            bytes32[] memory none = new bytes32[](0);
            return isKnown ? none : extend(none, rootOf(leaves, from, to));
        }
        uint256 half = largestPowerBelow(to - from);
        return
            older <= half
                ? extend(
                    consistencyOf(leaves, from, from + half, older, isKnown),
                    rootOf(leaves, from + half, to)
                )
                : extend(
                    consistencyOf(leaves, from + half, to, older - half, false),
                    rootOf(leaves, from, from + half)
                );
    }

    /// @dev Largest power of two below `count`, which is 2 or more.
    function largestPowerBelow(uint256 count) internal pure returns (uint256 power) {
        power = 1;
        while (power * 2 < count) power *= 2;
    }

    /// @dev A list with one hash more at its end.
    function extend(bytes32[] memory list, bytes32 hash) internal pure returns (bytes32[] memory longer) {
        longer = new bytes32[](list.length + 1);
        for (uint256 i = 0; i < list.length; ++i) longer[i] = list[i];
        longer[list.length] = hash;
    }

    /// @dev A list with one hash less at its end.
    function shorten(bytes32[] memory list) internal pure returns (bytes32[] memory shorter) {
        shorter = new bytes32[](list.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) shorter[i] = list[i];
    }
}
