// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Escrow} from "../src/Escrow.sol";
import {HaloRegistry} from "../src/HaloRegistry.sol";
import {IAccessToken} from "../src/IAccessToken.sol";
import {IConsentRegistry} from "../src/IConsentRegistry.sol";
import {IEscrow} from "../src/IEscrow.sol";
import {Vm} from "./Vm.sol";

/// @title The contracts with a patient, a researcher and three operators
abstract contract HaloTest {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    uint256 internal constant PATIENT_KEY = 0xA11CE;
    uint256 internal constant QUORUM = 2;
    bytes32 internal constant COMMITMENT = keccak256("commitment");
    bytes32 internal constant STATEMENT = keccak256("statement");
    bytes32 private constant _DOMAIN_TYPE = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );

    HaloRegistry internal registry;
    Escrow internal escrow;
    IConsentRegistry internal consent;
    IAccessToken internal token;
    address internal patient;
    bytes32 internal dataset;
    address internal researcher;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        AccessManager manager = new AccessManager(address(this));
        registry = new HaloRegistry(address(manager));
        escrow = new Escrow(registry, QUORUM);
        consent = escrow.consentRegistry();
        token = escrow.accessToken();
        patient = vm.addr(PATIENT_KEY);
        researcher = address(0xBEEF);
        vm.deal(researcher, type(uint128).max);
        for (uint256 i = 0; i < 3; ++i) _admit(i);
        dataset = _datasetOf(COMMITMENT, patient);
    }

    /// @dev As data sets are named everywhere.
    function _datasetOf(bytes32 commitment, address owner) internal pure returns (bytes32) {
        return keccak256(abi.encode(commitment, owner));
    }

    function _admit(uint256 i) internal {
        string[] memory addresses = new string[](1);
        addresses[0] = "/ip4/127.0.0.1/tcp/4001";
        registry.admit(
            _operator(i),
            string(abi.encodePacked("peer", bytes1(uint8(48 + i)))),
            new bytes(1216),
            addresses
        );
    }

    function _operatorKey(uint256 i) internal pure returns (uint256) {
        return 0xB0B + i;
    }

    function _operator(uint256 i) internal pure returns (address) {
        return vm.addr(_operatorKey(i));
    }

    function _draft(uint256 nonce) internal view returns (IEscrow.Request memory) {
        return
            IEscrow.Request({
                dataset: dataset,
                patient: patient,
                researcher: researcher,
                recipientKeyHash: keccak256("key"),
                termsHash: keccak256("terms"),
                currency: address(0),
                price: 1 ether,
                relayFee: 0.01 ether,
                answerBySec: uint64(block.timestamp + 1 days),
                accessForSec: 7 days,
                nonce: bytes32(nonce)
            });
    }

    function _request(uint256 nonce) internal returns (IEscrow.Request memory r, bytes32 id) {
        r = _draft(nonce);
        id = _send(r);
    }

    function _send(IEscrow.Request memory r) internal returns (bytes32) {
        vm.prank(r.researcher);
        return escrow.request{value: uint256(r.price) + r.relayFee}(r, COMMITMENT);
    }

    function _grant(IEscrow.Request memory r, address relayer) internal returns (bool) {
        bytes memory signature = _signAnswer(PATIENT_KEY, "Grant", escrow.requestIdOf(r));
        vm.prank(relayer);
        return consent.grant(r, STATEMENT, signature);
    }

    function _decline(IEscrow.Request memory r, address relayer) internal returns (bool) {
        bytes memory signature = _signAnswer(PATIENT_KEY, "Decline", escrow.requestIdOf(r));
        vm.prank(relayer);
        return consent.decline(r, STATEMENT, signature);
    }

    function _revoke(IEscrow.Request memory r, address relayer) internal returns (bool) {
        bytes memory signature = _signAnswer(PATIENT_KEY, "Revoke", escrow.requestIdOf(r));
        vm.prank(relayer);
        return consent.revoke(r, STATEMENT, signature);
    }

    function _settle(IEscrow.Request memory r) internal {
        vm.prank(r.researcher);
        escrow.settle(r);
    }

    /// @dev Signatures of the first `count` operators in ascending order of their addresses.
    function _deliveries(bytes32 id, uint256 count) internal view returns (bytes[] memory signatures) {
        uint256[] memory keys = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) keys[i] = _operatorKey(i);
        for (uint256 i = 1; i < count; ++i) {
            for (uint256 j = i; j > 0 && vm.addr(keys[j]) < vm.addr(keys[j - 1]); --j) {
                (keys[j], keys[j - 1]) = (keys[j - 1], keys[j]);
            }
        }
        signatures = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) signatures[i] = _signDelivery(keys[i], id);
    }

    function _signDelivery(uint256 key, bytes32 id) internal view returns (bytes memory) {
        return
            _sign(key, address(escrow), keccak256(abi.encode(keccak256("Delivery(bytes32 requestId)"), id)));
    }

    function _signAnswer(uint256 key, string memory kind, bytes32 id) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256(abi.encodePacked(kind, "(bytes32 requestId,string statement)"));
        return _sign(key, address(consent), keccak256(abi.encode(typeHash, id, STATEMENT)));
    }

    function _sign(uint256 key, address verifier, bytes32 structHash) internal view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(_DOMAIN_TYPE, keccak256("Halo"), keccak256("1"), block.chainid, verifier)
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, MessageHashUtils.toTypedDataHash(domain, structHash));
        return abi.encodePacked(r, s, v);
    }

    function _same(uint256 actual, uint256 expected) internal pure {
        require(actual == expected, "not the same number");
    }

    function _same(address actual, address expected) internal pure {
        require(actual == expected, "not the same address");
    }

    function _isTrue(bool claim) internal pure {
        require(claim, "not true");
    }
}
