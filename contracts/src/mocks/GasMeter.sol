// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a call costs the contract that makes it, for tests
contract GasMeter {
    /// @notice The call reverted.
    error CallFailed(bytes reason);

    /// @notice Makes a call.
    /// @param target Contract to call
    /// @param data Selector and arguments
    /// @return gasUsed Gas of the call, access to a cold account included
    /// @return result What it returned
    function measure(
        address target,
        bytes calldata data
    ) external returns (uint256 gasUsed, bytes memory result) {
        uint256 before = gasleft();
        // solhint-disable-next-line avoid-low-level-calls
        (bool isDone, bytes memory returned) = target.call(data);
        gasUsed = before - gasleft();
        if (!isDone) revert CallFailed(returned);
        return (gasUsed, returned);
    }
}
