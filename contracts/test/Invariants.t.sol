// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEscrow} from "../src/IEscrow.sol";
import {HaloTest} from "./HaloTest.sol";

/// @title Does everything anybody may do, in any order, and keeps its own books
contract Actor is HaloTest {
    struct Book {
        IEscrow.Request request;
        bool isAnswered;
        bool isGranted;
        bool isRevoked;
        bool isSettled;
        bool isRefunded;
        uint256 relayFeesPaid;
        uint256 until;
    }

    Book[] internal books;
    /// @notice Wei paid in, and paid out, as this contract saw it.
    uint256 public paidIn;
    uint256 public paidOut;
    /// @notice Whether something happened that must never happen.
    bool public isBroken;

    function request(uint96 price, uint96 relayFee) external {
        IEscrow.Request memory r = _draft(books.length);
        r.price = price;
        r.relayFee = relayFee;
        _send(r);
        books.push();
        books[books.length - 1].request = r;
        paidIn += uint256(price) + relayFee;
    }

    function answer(uint256 which, uint256 relayerIndex, bool isGrant) external {
        if (books.length == 0) return;
        Book storage book = books[which % books.length];
        address relayer = relayerIndex % 4 == 3 ? address(0xD1CE) : _operator(relayerIndex % 4);
        uint256 before = escrow.creditOf(relayer, address(0));
        bool hasAnswered = book.isAnswered;
        bool isLate = block.timestamp > book.request.answerBySec;
        try this.relay(book.request, relayer, isGrant) returns (bool isFirst) {
            if (isFirst) {
                if (hasAnswered || isLate || book.isRefunded) isBroken = true;
                book.isAnswered = true;
                book.isGranted = isGrant;
                if (isGrant) book.until = block.timestamp + book.request.accessForSec;
            }
        } catch {
            if (!hasAnswered && !isLate) isBroken = true;
        }
        uint256 earned = escrow.creditOf(relayer, address(0)) - before;
        if (earned != 0 && !registry.isActive(relayer)) isBroken = true;
        if (earned != 0) book.relayFeesPaid += 1;
    }

    /// @dev External, so that a refusal can be caught.
    function relay(IEscrow.Request memory r, address relayer, bool isGrant) external returns (bool) {
        return isGrant ? _grant(r, relayer) : _decline(r, relayer);
    }

    function revoke(uint256 which) external {
        if (books.length == 0) return;
        Book storage book = books[which % books.length];
        try this.relayRevoke(book.request) returns (bool isFirst) {
            if (isFirst && (!book.isGranted || book.isRevoked)) isBroken = true;
            book.isRevoked = true;
        } catch {
            if (book.isGranted) isBroken = true;
        }
    }

    /// @dev External, so that a refusal can be caught.
    function relayRevoke(IEscrow.Request memory r) external returns (bool) {
        return _revoke(r, _operator(0));
    }

    function settle(uint256 which, bool isByDelivery) external {
        if (books.length == 0) return;
        Book storage book = books[which % books.length];
        bool isDue = _isLive(book) && !book.isSettled;
        try this.trySettle(book.request, isByDelivery) {
            if (!isDue) isBroken = true;
            book.isSettled = true;
        } catch {
            if (isDue) isBroken = true;
        }
    }

    /// @dev External, so that a refusal can be caught.
    function trySettle(IEscrow.Request memory r, bool isByDelivery) external {
        if (!isByDelivery) _settle(r);
        else escrow.settleWithDeliveries(r, _deliveries(escrow.requestIdOf(r), 2));
    }

    function refund(uint256 which) external {
        if (books.length == 0) return;
        Book storage book = books[which % books.length];
        bool mayStillAnswer = !book.isAnswered && block.timestamp <= book.request.answerBySec;
        bool isDue = !book.isSettled && !book.isRefunded && !mayStillAnswer && !_isLive(book);
        try escrow.refund(book.request) {
            if (!isDue) isBroken = true;
            book.isRefunded = true;
        } catch {
            if (isDue) isBroken = true;
        }
    }

    function withdraw(uint256 who) external {
        address account = _party(who % 6);
        uint256 credit = escrow.creditOf(account, address(0));
        uint256 balance = account.balance;
        try escrow.withdraw(account, address(0)) {
            if (account.balance - balance != credit) isBroken = true;
            paidOut += credit;
        } catch {
            if (credit != 0) isBroken = true;
        }
    }

    function changeStanding(uint256 which) external {
        address operator = _operator(2);
        if (which % 2 == 0 && registry.isActive(operator)) registry.suspend(operator);
        else if (!registry.isActive(operator)) registry.resume(operator);
    }

    function pass(uint24 sec) external {
        vm.warp(block.timestamp + (sec % 3 days));
    }

    function checkSolvency() external view returns (bool) {
        uint256 owed = 0;
        for (uint256 i = 0; i < 6; ++i) owed += escrow.creditOf(_party(i), address(0));
        for (uint256 i = 0; i < books.length; ++i) {
            Book storage book = books[i];
            if (book.isSettled || book.isRefunded) continue;
            owed += book.request.price;
            if (book.relayFeesPaid == 0) owed += book.request.relayFee;
        }
        return address(escrow).balance == owed && paidIn - paidOut == owed;
    }

    function checkOutcomes() external view returns (bool) {
        for (uint256 i = 0; i < books.length; ++i) {
            Book storage book = books[i];
            if (book.isSettled && book.isRefunded) return false;
            if (book.relayFeesPaid > 1) return false;
        }
        return true;
    }

    function checkTokens() external view returns (bool) {
        for (uint256 i = 0; i < books.length; ++i) {
            uint256 id = uint256(escrow.requestIdOf(books[i].request));
            if (token.isLive(id) != _isLive(books[i])) return false;
            if (token.userExpires(id) != (_isLive(books[i]) ? books[i].until : 0)) return false;
            if ((token.holderOf(id) == address(0)) != books[i].isRefunded) return false;
        }
        return true;
    }

    function _isLive(Book storage book) private view returns (bool) {
        return book.isGranted && !book.isRevoked && !book.isRefunded && block.timestamp <= book.until;
    }

    function _party(uint256 i) private view returns (address) {
        if (i == 0) return patient;
        if (i == 1) return researcher;
        if (i == 2) return address(0xD1CE);
        return _operator(i - 3);
    }
}

contract InvariantTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Actor private _actor;

    function setUp() public {
        _actor = new Actor();
        _actor.setUp();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_actor);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](8);
        selectors[0] = Actor.request.selector;
        selectors[1] = Actor.answer.selector;
        selectors[2] = Actor.revoke.selector;
        selectors[3] = Actor.settle.selector;
        selectors[4] = Actor.refund.selector;
        selectors[5] = Actor.withdraw.selector;
        selectors[6] = Actor.changeStanding.selector;
        selectors[7] = Actor.pass.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_actor), selectors);
    }

    function invariant_BalanceIsOpenRequestsAndCredits() public view {
        require(_actor.checkSolvency(), "insolvent");
    }

    function invariant_SettledOrRefundedOnceAndOneRelayFee() public view {
        require(_actor.checkOutcomes(), "paid twice");
    }

    function invariant_TokenIsLiveExactlyWhileConsentIsInForce() public view {
        require(_actor.checkTokens(), "token state");
    }

    function invariant_EachActGoesThroughExactlyWhenItMay() public view {
        require(!_actor.isBroken(), "rule broken");
    }
}
