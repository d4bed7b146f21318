// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LogAnchorSetUp} from "./LogAnchor.t.sol";

/// @title Anchors roots of any size in any order, and keeps its own books
contract LogActor is LogAnchorSetUp {
    struct Entry {
        address operator;
        uint64 size;
        bytes32 root;
        uint256 atSec;
        uint256 atBlock;
    }

    Entry[] internal entries;
    mapping(address operator => uint64) internal lastSize;
    /// @notice Whether something happened that must never happen.
    bool public isBroken;

    /// @dev Few sizes and roots, so that they meet.
    function anchor(uint8 size, uint8 root, bool isOther) external {
        address operator = isOther ? OTHER : OPERATOR;
        bytes32 hash = keccak256(abi.encode(root % 3));
        bool isGrowth = size > lastSize[operator] && registry.isActive(operator);
        vm.prank(operator);
        try log.anchor(size, hash) returns (bool isFirst) {
            if (isFirst != isGrowth) isBroken = true;
            if (!isFirst && !_isBooked(operator, size, hash)) isBroken = true;
            if (!isFirst) return;
            lastSize[operator] = size;
            entries.push(Entry(operator, size, hash, block.timestamp, block.number));
        } catch {
            if (isGrowth) isBroken = true;
            if (registry.isActive(operator) && _isBooked(operator, size, hash)) isBroken = true;
        }
    }

    function changeStanding() external {
        if (registry.isActive(OTHER)) registry.suspend(OTHER);
        else registry.resume(OTHER);
    }

    function pass(uint16 sec) external {
        vm.warp(block.timestamp + sec);
        vm.roll(block.number + 1);
    }

    function checkGrowth() external view returns (bool) {
        return log.headOf(OPERATOR).size == lastSize[OPERATOR] && log.headOf(OTHER).size == lastSize[OTHER];
    }

    function checkTimes() external view returns (bool) {
        for (uint256 i = 0; i < entries.length; ++i) {
            Entry storage entry = entries[i];
            (uint48 atSec, uint48 atBlock) = log.anchoredAt(entry.operator, entry.size, entry.root);
            if (atSec != entry.atSec || atBlock != entry.atBlock) return false;
        }
        return true;
    }

    function _isBooked(address operator, uint64 size, bytes32 root) private view returns (bool) {
        for (uint256 i = 0; i < entries.length; ++i) {
            Entry storage entry = entries[i];
            if (entry.operator == operator && entry.size == size && entry.root == root) return true;
        }
        return false;
    }
}

contract LogInvariantTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    LogActor private _actor;

    function setUp() public {
        _actor = new LogActor();
        _actor.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_actor);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0].addr = address(_actor);
        targets[0].selectors = new bytes4[](3);
        targets[0].selectors[0] = LogActor.anchor.selector;
        targets[0].selectors[1] = LogActor.changeStanding.selector;
        targets[0].selectors[2] = LogActor.pass.selector;
    }

    function invariant_EveryLogOnlyGrows() external view {
        require(_actor.checkGrowth(), "a log shrank");
    }

    function invariant_EveryRootKeepsItsTime() external view {
        require(_actor.checkTimes(), "a root lost its time");
    }

    function invariant_NothingHappensThatMustNot() external view {
        require(!_actor.isBroken(), "broken");
    }
}
