// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEscrow} from "./IEscrow.sol";

/// @title The name of a request
library RequestHash {
    /// @notice Binds every field of a request to this chain and to one escrow.
    /// @param r Request to name
    /// @param escrow Escrow that holds the request's money
    function idOf(IEscrow.Request calldata r, address escrow) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, escrow, r));
    }
}
