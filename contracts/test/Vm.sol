// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Cheat codes of the test runner, as far as these tests use them
interface Vm {
    function addr(uint256 privateKey) external pure returns (address);

    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);

    function prank(address sender) external;

    function load(address target, bytes32 slot) external view returns (bytes32);

    function deal(address account, uint256 balance) external;

    function warp(uint256 timestamp) external;

    function roll(uint256 number) external;

    function chainId(uint256 id) external;

    function assume(bool condition) external pure;

    function expectRevert(bytes4 selector) external;

    function expectRevert(bytes calldata data) external;

    function expectPartialRevert(bytes4 selector) external;
}
