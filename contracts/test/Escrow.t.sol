// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Escrow} from "../src/Escrow.sol";
import {IConsentRegistry} from "../src/IConsentRegistry.sol";
import {IEscrow} from "../src/IEscrow.sol";
import {FeeToken, PlainToken, Reentrant} from "../src/mocks/Mocks.sol";
import {HaloTest} from "./HaloTest.sol";

contract EscrowTest is HaloTest {
    function test_RequestIsOpenAndItsTokenInert() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        IEscrow.Facts memory facts = escrow.factsOf(r);
        _isTrue(facts.escrow == IEscrow.Status.Open && facts.consent == IConsentRegistry.Status.None);
        _same(facts.tokenOwner, researcher);
        _isTrue(!token.isLive(uint256(id)));
        _same(token.userOf(uint256(id)), address(0));
        _same(address(escrow).balance, 1.01 ether);
    }

    function test_RequestIdIsHashOfChainEscrowAndFields() public view {
        IEscrow.Request memory r = _draft(1);
        _isTrue(escrow.requestIdOf(r) == keccak256(abi.encode(block.chainid, address(escrow), r)));
    }

    function test_RefusesASecondEqualRequest() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        vm.prank(researcher);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.RequestExists.selector, id));
        escrow.request{value: 1.01 ether}(r, COMMITMENT);
    }

    function test_RefusesARequestInSomebodyElsesName() public {
        IEscrow.Request memory r = _draft(1);
        vm.deal(address(this), 2 ether);
        vm.expectPartialRevert(IEscrow.NotResearcher.selector);
        escrow.request{value: 1.01 ether}(r, COMMITMENT);
    }

    function test_RefusesADatasetThatIsNotThePatientsByItsId() public {
        IEscrow.Request memory r = _draft(1);
        r.patient = address(0xBAD);
        _refuseRequest(r, 1.01 ether, IEscrow.NotPatientsDataset.selector);
        r = _draft(1);
        r.dataset = keccak256("other");
        _refuseRequest(r, 1.01 ether, IEscrow.NotPatientsDataset.selector);
        r.patient = address(0);
        r.dataset = _datasetOf(COMMITMENT, address(0));
        _refuseRequest(r, 1.01 ether, IEscrow.NotPatientsDataset.selector);
    }

    function testFuzz_NobodyAsksForAnothersDatasetUnderAnAddressOfTheirOwn(
        address thief,
        bytes32 commitment
    ) public {
        vm.assume(thief != patient);
        IEscrow.Request memory r = _draft(1);
        r.patient = thief;
        vm.prank(researcher);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.NotPatientsDataset.selector, dataset, thief));
        escrow.request{value: 1.01 ether}(r, commitment);
        vm.prank(researcher);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.NotPatientsDataset.selector, dataset, thief));
        escrow.request{value: 1.01 ether}(r, COMMITMENT);
    }

    function test_RefusesTimesOutOfRange() public {
        IEscrow.Request memory r = _draft(1);
        r.answerBySec = uint64(block.timestamp);
        _refuseRequest(r, 1.01 ether, IEscrow.AnswerTimeOutOfRange.selector);
        r.answerBySec = uint64(block.timestamp + 90 days + 1);
        _refuseRequest(r, 1.01 ether, IEscrow.AnswerTimeOutOfRange.selector);
        r = _draft(1);
        r.accessForSec = 59;
        _refuseRequest(r, 1.01 ether, IEscrow.AccessTimeOutOfRange.selector);
        r.accessForSec = 365 days + 1;
        _refuseRequest(r, 1.01 ether, IEscrow.AccessTimeOutOfRange.selector);
    }

    function testFuzz_TakesExactlyPriceAndRelayFee(uint128 price, uint128 relayFee, uint256 paid) public {
        IEscrow.Request memory r = _draft(1);
        r.price = price;
        r.relayFee = relayFee;
        uint256 due = uint256(price) + relayFee;
        paid = paid % (2 * due + 2);
        vm.deal(researcher, paid);
        vm.prank(researcher);
        if (paid != due) {
            vm.expectRevert(abi.encodeWithSelector(IEscrow.WrongPayment.selector, due, paid));
        }
        escrow.request{value: paid}(r, COMMITMENT);
        _same(address(escrow).balance, paid == due ? due : 0);
    }

    function test_SettlesForTheResearcherAndPaysPatientAndRelayer() public {
        (IEscrow.Request memory r, ) = _request(1);
        _grant(r, _operator(0));
        _settle(r);
        _same(escrow.creditOf(patient, address(0)), 1 ether);
        _same(escrow.creditOf(_operator(0), address(0)), 0.01 ether);
        escrow.withdraw(patient, address(0));
        escrow.withdraw(_operator(0), address(0));
        _same(patient.balance, 1 ether);
        _same(address(escrow).balance, 0);
    }

    function test_GivesTheRelayFeeBackAtSettlementWhenNobodyEarnedIt() public {
        (IEscrow.Request memory r, ) = _request(1);
        _grant(r, address(0xD1CE));
        _settle(r);
        _same(escrow.creditOf(address(0xD1CE), address(0)), 0);
        _same(escrow.creditOf(researcher, address(0)), 0.01 ether);
    }

    function test_OnlyTheResearcherSettlesWithoutDeliveries() public {
        (IEscrow.Request memory r, ) = _request(1);
        _grant(r, _operator(0));
        vm.expectPartialRevert(IEscrow.NotResearcher.selector);
        escrow.settle(r);
    }

    function test_SettlesWithTheDeliveriesOfAQuorum() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        _grant(r, _operator(0));
        escrow.settleWithDeliveries(r, _deliveries(id, 3));
        _same(escrow.creditOf(patient, address(0)), 1 ether);
    }

    function test_RefusesDeliveriesBelowTheQuorumRepeatedOrOfOthers() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        (, bytes32 otherId) = _request(2);
        _grant(r, _operator(0));
        bytes[] memory signatures = _deliveries(id, 1);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.DeliveriesTooFew.selector, 1, QUORUM));
        escrow.settleWithDeliveries(r, signatures);
        bytes[] memory twice = new bytes[](2);
        (twice[0], twice[1]) = (signatures[0], signatures[0]);
        _refuseDeliveries(r, twice);
        _refuseDeliveries(r, _deliveries(otherId, 2));
        bytes[] memory descending = _deliveries(id, 2);
        (descending[0], descending[1]) = (descending[1], descending[0]);
        _refuseDeliveries(r, descending);
        bytes[] memory empty = new bytes[](2);
        _refuseDeliveries(r, empty);
        registry.suspend(_operator(1));
        _refuseDeliveries(r, _deliveries(id, 2));
    }

    function test_RefusesSettlementWithoutConsentInForce() public {
        (IEscrow.Request memory r, ) = _request(1);
        _refuseSettlement(r);
        _grant(r, _operator(0));
        vm.warp(block.timestamp + 7 days + 1);
        _refuseSettlement(r);
    }

    function test_RefundsEverythingWhenNobodyAnsweredInTime() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        vm.warp(r.answerBySec);
        vm.expectPartialRevert(IEscrow.NotRefundable.selector);
        escrow.refund(r);
        vm.warp(r.answerBySec + 1);
        escrow.refund(r);
        _same(escrow.creditOf(researcher, address(0)), 1.01 ether);
        _same(token.holderOf(uint256(id)), address(0));
    }

    function test_RefundsThePriceAfterRefusalWithdrawalOrMissedDelivery() public {
        (IEscrow.Request memory r1, ) = _request(1);
        (IEscrow.Request memory r2, ) = _request(2);
        (IEscrow.Request memory r3, ) = _request(3);
        _decline(r1, _operator(0));
        _grant(r2, _operator(0));
        _revoke(r2, _operator(1));
        _grant(r3, _operator(0));
        escrow.refund(r1);
        escrow.refund(r2);
        vm.expectPartialRevert(IEscrow.NotRefundable.selector);
        escrow.refund(r3);
        vm.warp(block.timestamp + 7 days + 1);
        escrow.refund(r3);
        _same(escrow.creditOf(researcher, address(0)), 3 ether);
        _same(escrow.creditOf(_operator(0), address(0)), 0.03 ether);
        _same(escrow.creditOf(_operator(1), address(0)), 0);
    }

    function test_GivesMoneyOutOnce() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        _grant(r, _operator(0));
        _settle(r);
        vm.prank(researcher);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.RequestNotOpen.selector, id, IEscrow.Status.Settled));
        escrow.settle(r);
        _revoke(r, _operator(0));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.RequestNotOpen.selector, id, IEscrow.Status.Settled));
        escrow.refund(r);
        escrow.withdraw(patient, address(0));
        vm.expectRevert(abi.encodeWithSelector(IEscrow.NothingToWithdraw.selector, patient, address(0)));
        escrow.withdraw(patient, address(0));
    }

    function testFuzz_AnyChangedFieldIsAnotherRequest(uint256 field, uint256 by) public {
        (IEscrow.Request memory r, ) = _request(1);
        _grant(r, _operator(0));
        vm.assume(by != 0 && by < type(uint64).max);
        field = field % 7;
        if (field == 0) r.dataset = bytes32(uint256(r.dataset) ^ by);
        if (field == 1) r.recipientKeyHash = bytes32(uint256(r.recipientKeyHash) ^ by);
        if (field == 2) r.termsHash = bytes32(uint256(r.termsHash) ^ by);
        if (field == 3) r.price ^= uint128(by);
        if (field == 4) r.relayFee ^= uint128(by);
        if (field == 5) r.accessForSec ^= uint64(by);
        if (field == 6) r.nonce = bytes32(uint256(r.nonce) ^ by);
        vm.prank(researcher);
        vm.expectPartialRevert(IEscrow.RequestNotOpen.selector);
        escrow.settle(r);
    }

    function test_TakesAnErc20AndPaysItOut() public {
        PlainToken currency = new PlainToken();
        IEscrow.Request memory r = _draft(1);
        r.currency = address(currency);
        currency.mint(researcher, 2 ether);
        vm.prank(researcher);
        currency.approve(address(escrow), 2 ether);
        vm.prank(researcher);
        escrow.request(r, COMMITMENT);
        _grant(r, _operator(0));
        _settle(r);
        escrow.withdraw(patient, address(currency));
        _same(currency.balanceOf(patient), 1 ether);
        _same(currency.balanceOf(address(escrow)), 0.01 ether);
    }

    function test_RefusesAnErc20ThatKeepsAPartAndCoinsThatComeAlong() public {
        FeeToken currency = new FeeToken();
        IEscrow.Request memory r = _draft(1);
        r.currency = address(currency);
        currency.mint(researcher, 2 ether);
        vm.prank(researcher);
        currency.approve(address(escrow), 2 ether);
        vm.prank(researcher);
        vm.expectRevert(
            abi.encodeWithSelector(IEscrow.WrongPayment.selector, uint256(1.01 ether), uint256(0.9999 ether))
        );
        escrow.request(r, COMMITMENT);
        vm.prank(researcher);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.WrongPayment.selector, 0, 1));
        escrow.request{value: 1}(r, COMMITMENT);
    }

    function test_PaysAReentrantPatientOnce() public {
        Reentrant account = new Reentrant(escrow);
        (IEscrow.Request memory other, ) = _request(2);
        IEscrow.Request memory r = _draft(1);
        r.dataset = _datasetOf(COMMITMENT, address(account));
        r.patient = address(account);
        _send(r);
        consent.grant(r, STATEMENT, "");
        _settle(r);
        escrow.withdraw(address(account), address(0));
        _isTrue(account.hasTried() && !account.hasSucceeded());
        _same(address(account).balance, 1 ether);
        _same(address(escrow).balance, uint256(other.price) + other.relayFee + 0.01 ether);
    }

    function test_OnlyTheConsentRegistryNotesAnswers() public {
        (, bytes32 id) = _request(1);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.NotConsentRegistry.selector, address(this)));
        escrow.noteAnswer(id, address(this), address(0), 1 ether);
    }

    function test_RefusesAQuorumOfZero() public {
        vm.expectRevert(IEscrow.QuorumZero.selector);
        new Escrow(registry, 0);
    }

    function _refuseRequest(IEscrow.Request memory r, uint256 paid, bytes4 selector) private {
        vm.prank(researcher);
        vm.expectPartialRevert(selector);
        escrow.request{value: paid}(r, COMMITMENT);
    }

    function _refuseDeliveries(IEscrow.Request memory r, bytes[] memory signatures) private {
        vm.expectPartialRevert(IEscrow.BadDelivery.selector);
        escrow.settleWithDeliveries(r, signatures);
    }

    function _refuseSettlement(IEscrow.Request memory r) private {
        vm.prank(researcher);
        vm.expectPartialRevert(IEscrow.NotSettleable.selector);
        escrow.settle(r);
    }
}
