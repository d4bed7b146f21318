// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAccessToken} from "../src/IAccessToken.sol";
import {IHaloRegistry} from "../src/IHaloRegistry.sol";
import {HaloTest} from "./HaloTest.sol";

contract RegistryTest is HaloTest {
    function test_StandingMovesOnlyAlongItsPaths() public {
        address operator = _operator(0);
        _isTrue(registry.isActive(operator));
        vm.expectPartialRevert(IHaloRegistry.WrongStatus.selector);
        registry.resume(operator);
        registry.suspend(operator);
        _isTrue(!registry.isActive(operator));
        vm.expectPartialRevert(IHaloRegistry.WrongStatus.selector);
        registry.suspend(operator);
        registry.resume(operator);
        _isTrue(registry.isActive(operator));
        registry.remove(operator);
        _isTrue(registry.statusOf(operator) == IHaloRegistry.Status.None);
        _same(registry.entries().length, 2);
    }

    function testFuzz_OnlyTheAuthorityManages(address sender) public {
        vm.assume(sender != address(this));
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, sender));
        registry.suspend(_operator(0));
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, sender));
        registry.admit(sender, "peer9", new bytes(1216), new string[](0));
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, sender));
        registry.remove(_operator(0));
    }

    function test_APeerIdBelongsToOneOperatorAndIsFreedByRemoval() public {
        address operator = address(0xF00);
        vm.expectPartialRevert(IHaloRegistry.PeerIdTaken.selector);
        registry.admit(operator, "peer0", new bytes(1216), new string[](0));
        registry.remove(_operator(0));
        registry.admit(operator, "peer0", new bytes(1216), new string[](0));
        _same(registry.operatorOf("peer0"), operator);
    }

    function testFuzz_RefusesAKeyOfAnotherLength(uint16 length) public {
        vm.assume(length != 1216 && length < 4096);
        vm.expectRevert(abi.encodeWithSelector(IHaloRegistry.KemPublicKeyWrong.selector, length));
        registry.admit(address(0xF00), "peer9", new bytes(length), new string[](0));
    }

    function test_RefusesAnEmptyPeerIdTooManyAddressesAndNobody() public {
        vm.expectPartialRevert(IHaloRegistry.PeerIdOutOfRange.selector);
        registry.admit(address(0xF00), "", new bytes(1216), new string[](0));
        vm.expectPartialRevert(IHaloRegistry.AddressesOutOfRange.selector);
        registry.admit(address(0xF00), "peer9", new bytes(1216), new string[](17));
        string[] memory long = new string[](1);
        long[0] = string(new bytes(257));
        vm.expectPartialRevert(IHaloRegistry.AddressesOutOfRange.selector);
        registry.admit(address(0xF00), "peer9", new bytes(1216), long);
        vm.expectRevert(IHaloRegistry.OperatorMissing.selector);
        registry.admit(address(0), "peer9", new bytes(1216), new string[](0));
    }

    function test_OnlyAnActiveOperatorAnnouncesAndTheHashFollows() public {
        string[] memory addresses = new string[](1);
        addresses[0] = "/ip4/127.0.0.1/tcp/9";
        bytes32 identity = keccak256(abi.encode("peer0", new bytes(1216)));
        vm.prank(_operator(0));
        registry.announce(addresses);
        bytes32 wanted = keccak256(abi.encode(identity, keccak256(abi.encode(addresses))));
        _isTrue(registry.profileHashOf(_operator(0)) == wanted);
        registry.suspend(_operator(0));
        vm.prank(_operator(0));
        vm.expectPartialRevert(IHaloRegistry.WrongStatus.selector);
        registry.announce(addresses);
    }
}

contract AccessTokenTest is HaloTest {
    function test_CannotMoveOrBeApproved() public {
        (, bytes32 id) = _request(1);
        IERC721 nft = IERC721(address(token));
        vm.prank(researcher);
        vm.expectRevert(abi.encodeWithSelector(IAccessToken.TokenLocked.selector, uint256(id)));
        nft.transferFrom(researcher, address(1), uint256(id));
        vm.prank(researcher);
        vm.expectRevert(abi.encodeWithSelector(IAccessToken.TokenLocked.selector, uint256(id)));
        nft.safeTransferFrom(researcher, address(1), uint256(id));
        vm.prank(researcher);
        vm.expectRevert(abi.encodeWithSelector(IAccessToken.ApprovalRefused.selector, address(1)));
        nft.approve(address(1), uint256(id));
        vm.prank(researcher);
        vm.expectRevert(abi.encodeWithSelector(IAccessToken.ApprovalRefused.selector, address(1)));
        nft.setApprovalForAll(address(1), true);
        _isTrue(token.locked(uint256(id)));
    }

    function test_OnlyTheEscrowMintsAndBurns() public {
        (, bytes32 id) = _request(1);
        vm.expectPartialRevert(IAccessToken.NotEscrow.selector);
        token.mint(address(this), 1);
        vm.expectPartialRevert(IAccessToken.NotEscrow.selector);
        token.burn(uint256(id));
    }

    function test_ClaimsErc721AndErc5192Only() public view {
        IERC721 nft = IERC721(address(token));
        _isTrue(nft.supportsInterface(0x80ac58cd) && nft.supportsInterface(0xb45a3c0e));
        _isTrue(!nft.supportsInterface(0xad092b5c) && !nft.supportsInterface(0x8c65f84d));
    }

    function test_ReadsOfTokensThatAreNotThereFailOrDeny() public {
        _isTrue(!token.isLive(1));
        _same(token.holderOf(1), address(0));
        vm.expectPartialRevert(bytes4(keccak256("ERC721NonexistentToken(uint256)")));
        token.locked(1);
        vm.expectPartialRevert(bytes4(keccak256("ERC721NonexistentToken(uint256)")));
        token.expiresAt(1);
    }
}
