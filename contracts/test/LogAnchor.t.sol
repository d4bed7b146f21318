// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {HaloRegistry} from "../src/HaloRegistry.sol";
import {ILogAnchor} from "../src/ILogAnchor.sol";
import {LogAnchor} from "../src/LogAnchor.sol";
import {ReferenceTree} from "./ReferenceTree.sol";
import {Vm} from "./Vm.sol";

/// @title An anchor with two operators, and trees to prove from
abstract contract LogAnchorSetUp {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    address internal constant OPERATOR = address(0xA1);
    address internal constant OTHER = address(0xA2);

    HaloRegistry internal registry;
    LogAnchor internal log;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        registry = new HaloRegistry(address(new AccessManager(address(this))));
        registry.admit(OPERATOR, "peer1", new bytes(1216), new string[](0));
        registry.admit(OTHER, "peer2", new bytes(1216), new string[](0));
        log = new LogAnchor(registry);
    }

    function _anchor(address operator, uint256 size, bytes32 root) internal returns (bool) {
        vm.prank(operator);
        return log.anchor(uint64(size), root);
    }

    function _leaves(uint256 count) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) leaves[i] = keccak256(abi.encode("leaf", i));
    }

    function _isTrue(bool claim) internal pure {
        require(claim, "not true");
    }
}

contract LogAnchorTest is LogAnchorSetUp {
    function testFuzz_ARootIsAnchoredOnceWithItsTime(uint64 size, bytes32 root, uint32 later) public {
        vm.assume(size != 0);
        vm.warp(1_800_000_000 + uint256(later));
        vm.roll(1 + uint256(later));
        _isTrue(_anchor(OPERATOR, size, root));
        _expectAt(OPERATOR, size, root, 1_800_000_000 + uint256(later), 1 + uint256(later));
        vm.warp(2_800_000_000 + uint256(later));
        _isTrue(!_anchor(OPERATOR, size, root));
        _expectAt(OPERATOR, size, root, 1_800_000_000 + uint256(later), 1 + uint256(later));
        ILogAnchor.Head memory head = log.headOf(OPERATOR);
        _isTrue(head.size == size && head.atBlock == 1 + uint256(later) && head.rootStart == bytes18(root));
    }

    function test_WhatWasNotAnchoredHasNoTimeAndNoHead() public {
        bytes32 root = keccak256("root");
        _anchor(OPERATOR, 7, root);
        _expectAt(OTHER, 7, root, 0, 0);
        _expectAt(OPERATOR, 6, root, 0, 0);
        _expectAt(OPERATOR, 7, keccak256("another"), 0, 0);
        _isTrue(log.headOf(OTHER).size == 0 && log.headOf(OTHER).atBlock == 0);
    }

    function testFuzz_AStorageProofFindsItsSlot(uint64 size, bytes32 root) public {
        vm.assume(size != 0);
        vm.roll(77);
        _anchor(OPERATOR, size, root);
        bytes32 key = keccak256(abi.encode(OPERATOR, size, root));
        bytes32 slot = keccak256(abi.encode(key, uint256(0)));
        _isTrue(uint256(vm.load(address(log), slot)) == (uint256(77) << 48) + 1_800_000_000);
    }

    function testFuzz_ALogOnlyGrows(uint64 first, uint64 second) public {
        vm.assume(first != 0);
        bytes32 root = keccak256("root");
        _anchor(OPERATOR, first, root);
        bool isRefused = second < first;
        if (isRefused) {
            vm.expectRevert(
                abi.encodeWithSelector(ILogAnchor.SizeNotLarger.selector, OPERATOR, second, first)
            );
        }
        _anchor(OPERATOR, second, root);
        _isTrue(log.headOf(OPERATOR).size == (isRefused ? first : second));
    }

    function test_AnEmptyLogHasNothingToAnchor() public {
        bytes32 root = sha256("");
        vm.expectRevert(abi.encodeWithSelector(ILogAnchor.SizeNotLarger.selector, OPERATOR, 0, 0));
        _anchor(OPERATOR, 0, root);
    }

    function test_AnOlderRootThatIsAnchoredMayBeSentAgain() public {
        _anchor(OPERATOR, 3, keccak256("three"));
        _anchor(OPERATOR, 5, keccak256("five"));
        _isTrue(!_anchor(OPERATOR, 3, keccak256("three")));
        _isTrue(log.headOf(OPERATOR).size == 5);
        vm.expectRevert(abi.encodeWithSelector(ILogAnchor.SizeNotLarger.selector, OPERATOR, 3, 5));
        _anchor(OPERATOR, 3, keccak256("another three"));
    }

    function testFuzz_TwoRootsAtOneSizeAreRefusedByName(uint64 size, bytes32 root, bytes32 another) public {
        vm.assume(size != 0 && root != another);
        _anchor(OPERATOR, size, root);
        vm.expectRevert(
            abi.encodeWithSelector(ILogAnchor.RootConflict.selector, OPERATOR, size, bytes18(root), another)
        );
        _anchor(OPERATOR, size, another);
        _isTrue(_anchor(OTHER, size, another));
    }

    function testFuzz_OnlyAnActiveOperatorAnchors(address sender) public {
        vm.assume(sender != OPERATOR && sender != OTHER);
        vm.expectRevert(abi.encodeWithSelector(ILogAnchor.OperatorNotActive.selector, sender));
        _anchor(sender, 1, keccak256("root"));
    }

    function test_ASuspendedOperatorAnchorsNothingButItsRootsStand() public {
        bytes32[] memory leaves = _leaves(1);
        bytes32 root = ReferenceTree.rootOf(leaves, 0, 1);
        _anchor(OPERATOR, 1, root);
        registry.suspend(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(ILogAnchor.OperatorNotActive.selector, OPERATOR));
        _anchor(OPERATOR, 2, root);
        _isTrue(log.verifyInclusion(OPERATOR, 1, root, 0, leaves[0], new bytes32[](0)));
        registry.resume(OPERATOR);
        _isTrue(_anchor(OPERATOR, 2, root));
    }

    function test_KnowsItsRegistry() public view {
        _isTrue(address(log.registry()) == address(registry));
    }

    function _expectAt(
        address operator,
        uint256 size,
        bytes32 root,
        uint256 wantedSec,
        uint256 wantedBlock
    ) private view {
        (uint48 atSec, uint48 atBlock) = log.anchoredAt(operator, uint64(size), root);
        _isTrue(atSec == wantedSec && atBlock == wantedBlock);
    }
}
