// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsentRegistry} from "../src/IConsentRegistry.sol";
import {IEscrow} from "../src/IEscrow.sol";
import {SmartAccount} from "../src/mocks/Mocks.sol";
import {HaloTest} from "./HaloTest.sol";

contract ConsentRegistryTest is HaloTest {
    uint256 private constant _CURVE_ORDER =
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function test_GrantMakesTheTokenLiveUntilItExpires() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        _isTrue(_grant(r, _operator(0)));
        uint256 until = block.timestamp + r.accessForSec;
        _isTrue(token.isLive(uint256(id)));
        _same(token.expiresAt(uint256(id)), until);
        _same(token.userExpires(uint256(id)), until);
        _same(token.userOf(uint256(id)), researcher);
        vm.warp(until);
        _isTrue(token.isLive(uint256(id)));
        vm.warp(until + 1);
        _isTrue(!token.isLive(uint256(id)));
        _same(token.expiresAt(uint256(id)), 0);
        _same(token.userExpires(uint256(id)), 0);
    }

    function test_AWithdrawnOrVoidTokenShowsNoTimeToCome() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        _same(token.expiresAt(uint256(id)), 0);
        _same(token.userExpires(uint256(id)), 0);
        _grant(r, _operator(0));
        _revoke(r, _operator(0));
        _same(token.expiresAt(uint256(id)), 0);
        _same(token.userExpires(uint256(id)), 0);
        _same(token.userOf(uint256(id)), address(0));
        escrow.refund(r);
        _same(token.userExpires(uint256(id)), 0);
    }

    function test_ARepeatedAnswerDoesAndEarnsNothing() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        _grant(r, _operator(0));
        vm.warp(block.timestamp + 100);
        _isTrue(!_grant(r, _operator(1)));
        (, uint64 until, , ) = consent.consentOf(id);
        _same(until, block.timestamp - 100 + r.accessForSec);
        _same(escrow.creditOf(_operator(0), address(0)), 0.01 ether);
        _same(escrow.creditOf(_operator(1), address(0)), 0);
        _isTrue(_revoke(r, _operator(1)));
        _isTrue(!_revoke(r, _operator(2)));
    }

    function testFuzz_OnlyActiveOperatorsEarn(uint160 relayer) public {
        vm.assume(relayer != 0);
        address account = address(relayer);
        vm.assume(!registry.isActive(account) && account != researcher && account != patient);
        (IEscrow.Request memory r, ) = _request(1);
        _grant(r, account);
        _same(escrow.creditOf(account, address(0)), 0);
    }

    function test_ASuspendedOperatorEarnsNothing() public {
        registry.suspend(_operator(0));
        (IEscrow.Request memory r, ) = _request(1);
        _grant(r, _operator(0));
        _same(escrow.creditOf(_operator(0), address(0)), 0);
    }

    function test_TheFirstAnswerStands() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        _decline(r, _operator(0));
        bytes memory signature = _signAnswer(PATIENT_KEY, "Grant", id);
        vm.expectRevert(
            abi.encodeWithSelector(
                IConsentRegistry.AlreadyAnswered.selector,
                id,
                IConsentRegistry.Status.Declined
            )
        );
        consent.grant(r, STATEMENT, signature);
        _isTrue(!token.isLive(uint256(id)));
    }

    function test_RefusesAnAnswerAfterItsTime() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        bytes memory signature = _signAnswer(PATIENT_KEY, "Grant", id);
        vm.warp(r.answerBySec + 1);
        vm.expectPartialRevert(IConsentRegistry.AnswerTooLate.selector);
        consent.grant(r, STATEMENT, signature);
        vm.warp(r.answerBySec);
        _isTrue(consent.grant(r, STATEMENT, signature));
    }

    function test_RefusesAnAnswerToARequestThatWasNotMade() public {
        IEscrow.Request memory r = _draft(1);
        bytes memory signature = _signAnswer(PATIENT_KEY, "Grant", escrow.requestIdOf(r));
        vm.expectPartialRevert(IEscrow.RequestNotOpen.selector);
        consent.grant(r, STATEMENT, signature);
    }

    function test_RefusesWithdrawalWithoutConsent() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        bytes memory signature = _signAnswer(PATIENT_KEY, "Revoke", id);
        vm.expectPartialRevert(IConsentRegistry.NotGranted.selector);
        consent.revoke(r, STATEMENT, signature);
    }

    function test_WithdrawalEndsAccessAlsoAfterSettlement() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        _grant(r, _operator(0));
        _settle(r);
        _isTrue(token.isLive(uint256(id)));
        _revoke(r, _operator(0));
        _isTrue(!token.isLive(uint256(id)));
    }

    function testFuzz_RefusesASignatureOfAnyoneElse(uint256 key) public {
        key = (key % (_CURVE_ORDER - 1)) + 1;
        vm.assume(key != PATIENT_KEY);
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        _refuse(r, _signAnswer(key, "Grant", id));
    }

    function test_RefusesASignatureForAnotherRequestKindContractOrChain() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        (, bytes32 otherId) = _request(2);
        _refuse(r, _signAnswer(PATIENT_KEY, "Grant", otherId));
        _refuse(r, _signAnswer(PATIENT_KEY, "Decline", id));
        bytes32 typeHash = keccak256("Grant(bytes32 requestId,string statement)");
        _refuse(r, _sign(PATIENT_KEY, address(escrow), keccak256(abi.encode(typeHash, id, STATEMENT))));
        uint256 chain = block.chainid;
        vm.chainId(chain + 1);
        bytes memory elsewhere = _signAnswer(PATIENT_KEY, "Grant", id);
        vm.chainId(chain);
        _refuse(r, elsewhere);
    }

    function test_RefusesTheMalleableTwinOfASignatureAndOddLengths() public {
        (IEscrow.Request memory r, bytes32 id) = _request(1);
        bytes memory good = _signAnswer(PATIENT_KEY, "Grant", id);
        (bytes32 sr, bytes32 ss, uint8 v) = (bytes32(0), bytes32(0), uint8(good[64]));
        for (uint256 i = 0; i < 32; ++i) {
            sr |= bytes32(good[i]) >> (8 * i);
            ss |= bytes32(good[32 + i]) >> (8 * i);
        }
        _refuse(
            r,
            abi.encodePacked(sr, bytes32(_CURVE_ORDER - uint256(ss)), v == 27 ? uint8(28) : uint8(27))
        );
        _refuse(r, abi.encodePacked(good, uint8(0)));
        _refuse(r, "");
    }

    function test_AcceptsASmartAccountAsPatient() public {
        SmartAccount account = new SmartAccount(patient);
        IEscrow.Request memory r = _draft(1);
        r.dataset = _datasetOf(COMMITMENT, address(account));
        r.patient = address(account);
        bytes32 id = _send(r);
        _refuse(r, _signAnswer(0xBAD, "Grant", id));
        _isTrue(_grant(r, _operator(0)));
        _isTrue(token.isLive(uint256(id)));
    }

    function _refuse(IEscrow.Request memory r, bytes memory signature) private {
        vm.expectPartialRevert(IConsentRegistry.AnswerNotSigned.selector);
        consent.grant(r, STATEMENT, signature);
    }
}
